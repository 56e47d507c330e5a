"""What instructors, maintainers and CI run: runs of notebooks, reports, a class page, a server, slides, a kit."""

import sys


def skip_iri_grammar():
    """Keep every process that imports nbformat, after this, from compiling a grammar for web addresses for 1.2 s.

    nbformat imports jsonschema, which imports `rfc3987_syntax` where JupyterLab has installed it, for formats that no
    notebook has, and goes without where it is missing. None of the three has a switch.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
