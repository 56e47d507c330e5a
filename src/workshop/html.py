"""HTML pages from Jinja2 templates, in which every value is escaped."""

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def render(package, template, **values):
    """Return the text of a template in the folder `templates` of a package such as "workshop.publish", with values.

    It may extend and include those in `workshop/templates`, such as `page.html`, the frame of a page.
    """
    return environment(package).get_template(template).render(values)


@cache
def environment(package):
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("workshop")])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def title_of(path):
    """Return the title of a page that `render` made, escaped as it is there; empty if it has none. OSError as usual."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(2000).partition("<title>")[2].partition("</title>")[0]
