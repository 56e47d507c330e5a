"""HTML pages from Jinja2 templates, in which every value is escaped."""

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

__all__ = ["render", "title_of"]


def render(package, template, **values):
    """Return the text of a template of a package, filled with values.

    Parameters
    ----------
    package : str
        Such as "workshop.publish".
    template : str
        Name of a file in the package's folder `templates`. It may extend and include those in `workshop/templates`:
        `page.html` is the frame of a page, with the blocks `head`, `style` and `main`, and takes `heading`.
    **values
        What the template shows. HTML that must not be escaped is marked by `markupsafe.Markup`. A value that the
        template names and that is missing is an error.

    Returns
    -------
    str
    """
    return environment(package).get_template(template).render(values)


@cache
def environment(package):
    """Return the Jinja2 environment for the templates of a package."""
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("workshop")])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def title_of(path):
    """Return the title of a page that `render` made, escaped as it is there; empty if it has none. OSError as usual."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(2000).partition("<title>")[2].partition("</title>")[0]
