"""What instructors, maintainers and CI run: runs of notebooks, reports, a class page, a server, slides, a kit."""

import sys


def skip_iri_grammar():
    """Keep every process that imports nbformat from compiling a grammar for web addresses, which takes 1.2 s.

    nbformat imports jsonschema, and jsonschema imports `rfc3987_syntax` where JupyterLab has installed it, to check
    formats that no notebook has ("iri", "iri-reference"). It goes without where that module is missing. None of the
    three has a switch, so the module is marked as missing. Call this before nbformat is imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
