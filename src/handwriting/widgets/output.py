"""Outputs that are live where a front end knows widgets: JupyterLab, Notebook, VS Code, Colab.

Everywhere else, and in stored notebooks, the same output is an image with a description.
"""

from base64 import b64encode
from functools import cache
from io import BytesIO
from pathlib import Path

from handwriting.arguments import Kind
from handwriting.errors import UserError

MESSAGE = Kind("a question of the pad's front end", lambda message: isinstance(message, dict))
HERE = Path(__file__).parent


class LiveOutput:
    """An object to show as the last line of a cell.

    A subclass has `__repr__`, `live()` (a MIME bundle and its metadata, both empty without widgets) and `figure(live)`.
    """

    def _repr_mimebundle_(self, include=None, exclude=None):
        view, about = self.live()
        figure = self.figure(bool(view))
        data = {**view, "text/plain": repr(self), "image/png": b64encode(png(figure)).decode()}
        return data, {**about, "image/png": {"alt": figure.description}}


class PadOutput(LiveOutput):
    """A pad: an anywidget front end that asks, and an object in the kernel that answers.

    A subclass has `words` (its text, always the same), `front_name` (its script's name), `state()` (the front end's
    values), `answer(content)` and `figure(live)`.
    """

    def __repr__(self):
        install = "it needs anywidget (%pip install anywidget)"
        return f"{self.words} Run this cell in JupyterLab or Colab to draw; {install}."

    def live(self):
        try:
            if not hasattr(self, "front"):
                self.front = front_end(self.front_name)(**self.state())
                self.front.on_msg(self.receive)
        except ImportError:
            return {}, {}
        # anywidget's own bundle, because it turns on Colab's manager for foreign widgets.
        return self.front._repr_mimebundle_()

    def receive(self, front, content, buffers):
        """Answer a message of the front end: a dict with "id" and whatever `answer` takes; None is not sent."""
        try:
            MESSAGE.check("message", content)
            answer = self.answer(content)
        except UserError as error:
            answer = {"words": str(error), "failed": True}
        except Exception as error:  # without an answer, the front end would say that the kernel is gone
            answer = {"words": f"Error in the kernel: {type(error).__name__}: {error}", "failed": True}
        for name, value in self.state().items():
            setattr(front, name, value)
        if answer is not None:
            question = content.get("id") if isinstance(content, dict) else None
            front.send({"id": question, "failed": False, **answer})


@cache
def front_end(name):
    """Return a widget class by the name of its script; made when needed, since anywidget is optional and slow."""
    import anywidget
    import traitlets

    class Front(anywidget.AnyWidget):
        # One file for the browser, from parts that the pads share.
        _esm = "\n".join(
            (HERE / f"{part}.js").read_text(encoding="utf-8") for part in ("canvas", "pad", "kernel", name)
        )
        _css = (HERE / "pad.css").read_text(encoding="utf-8")
        names = traitlets.List(traitlets.Unicode()).tag(sync=True)
        counts = traitlets.List(traitlets.Int()).tag(sync=True)
        times, units = (traitlets.Int().tag(sync=True) for _ in range(2))
        unit = traitlets.Unicode().tag(sync=True)

    return Front


def png(figure):
    """Return a figure as PNG bytes."""
    target = BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()
