"""nbformat, without the grammar for web addresses that it would load: 1.5 s, and no notebook needs it."""

import sys

sys.modules.setdefault("rfc3987_syntax", None)

import nbformat

__all__ = ["nbformat"]
