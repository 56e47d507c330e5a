"""What the server says about itself: OpenAPI's details, states of versions, and two pages that need no network."""

import html
import json

__all__ = ["PREDICT", "READ", "docs_page", "small_page", "states"]

PIXEL = {"type": "integer", "minimum": 0, "maximum": 255}
PICTURE = {
    "type": "array",
    "minItems": 28,
    "maxItems": 28,
    "items": {"type": "array", "minItems": 28, "maxItems": 28, "items": PIXEL},
}
PICTURES = {"type": "array", "minItems": 1, "maxItems": 1024, "items": PICTURE}
FAILURES = {
    "4XX": {"description": '{"error": what is wrong with the request and what to do}'},
    "503": {"description": "Too much at once; try again after the seconds in Retry-After"},
}
PREDICT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"type": "object", "required": ["instances"], "properties": {"instances": PICTURES}},
                        {"type": "object", "required": ["inputs"], "properties": {"inputs": PICTURES}},
                    ]
                }
            }
        },
    },
    "responses": FAILURES,
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
FORM = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
READ = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": FORM}, "image/png": BINARY, "image/jpeg": BINARY},
    },
    "responses": FAILURES,
}

STYLE = """:root { color-scheme: light dark; }
html { background: Canvas; color: CanvasText; } a { color: #0b5394; }
@media (prefers-color-scheme: dark) { a { color: #8ab4f8; } }
body { font: 16px/1.5 sans-serif; overflow-wrap: anywhere; max-width: 48em; margin: 2em auto; padding: 0 1em; }
pre { white-space: pre-wrap; padding: .6em; border: 1px solid #8888; }"""


def states(shelf):
    """The versions, as TensorFlow Serving tells their states.

    Parameters
    ----------
    shelf : workshop.serve.versions.Shelf

    Returns
    -------
    list of dict
        The newest first: the one that answers, and those that could not be loaded.
    """
    found = {shelf.network.version: ("AVAILABLE", "OK", "")}
    for number, sentence in list(shelf.errors.items()):
        found.setdefault(number, ("END", "UNKNOWN", sentence))
    return [
        {"version": str(number), "state": state, "status": {"error_code": code, "error_message": sentence}}
        for number, (state, code, sentence) in sorted(found.items(), reverse=True)
    ]


def document(heading, body):
    """A page of our own, whole in itself."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title><style>{STYLE}</style></head>
<body><main><h1>{heading}</h1>
{body}</main></body></html>
"""


def small_page():
    """The page at "/" where the drawing page cannot be made: a form to send a photo."""
    return document(
        "Read handwriting",
        """<form action="/read" method="post" enctype="multipart/form-data">
<p><label>A photo or drawing of digits: <input type="file" name="file" accept="image/*" required></label>
<button>Read</button></p></form>
<p>The answer is JSON: the text, and each digit with its place. <a href="/docs">All addresses</a></p>""",
    )


def docs_page(schema, name, base):
    """The page at "/docs": each address with what it does, and how to try it.

    Parameters
    ----------
    schema : dict
        OpenAPI's.
    name : str
        The model's.
    base : str
        The server's address, for the examples.

    Returns
    -------
    str
    """
    parts = [
        '<p>The same for programs: <a href="/openapi.json">openapi.json</a>. What goes wrong is told as '
        '<code>{"error": "…"}</code>, with status 4xx if the request must change, and 503 if it may be repeated '
        "after the seconds in <code>Retry-After</code>.</p>"
    ]
    for path, methods in schema["paths"].items():
        for method, about in methods.items():
            shown = html.escape(path.replace("{model}", name))
            parts.append(f"<h2><code>{method.upper()} {shown}</code></h2><p>{html.escape(about['description'])}</p>")
            for media, content in about.get("requestBody", {}).get("content", {}).items():
                text = html.escape(json.dumps(content["schema"]))
                parts.append(f"<details><summary>{media}</summary><pre>{text}</pre></details>")
    examples = f"""curl {base}/v1/models/{name}
curl -F file=@page.jpg {base}/read
python -c "import json; print(json.dumps({{'instances': [[[0] * 28] * 28]}}))" \\
  | curl --json @- {base}/v1/models/{name}:predict"""
    parts.append(f"<h2>Try it</h2><pre>{html.escape(examples)}</pre>")
    return document("Addresses of this server", "\n".join(parts))
