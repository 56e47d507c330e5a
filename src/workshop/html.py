"""HTML pages from Jinja2 templates, in which every value is escaped."""

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

__all__ = ["environment", "render"]


@cache
def environment(package):
    """Return the Jinja2 environment for the folder `templates` of a package.

    Parameters
    ----------
    package : str
        Such as "workshop.classroom". Its templates may extend and include those in `workshop`:
        `page.html` is the frame of a page, with the blocks `style` and `main`, and takes `heading`.

    Returns
    -------
    jinja2.Environment
        With autoescape. A value that a template names and nobody gave is an error.
    """
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("workshop")])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(package, template, **values):
    """Return the text of a template of a package, filled with values.

    Parameters
    ----------
    package : str
        Such as "workshop.publish".
    template : str
        Name of a file in the package's folder `templates`.
    **values
        What the template shows. HTML that must not be escaped is marked by `markupsafe.Markup`.

    Returns
    -------
    str
    """
    return environment(package).get_template(template).render(values)
