"""The page at "/": the drawing page of the network that answers now."""

import sys
import tempfile
import threading
from pathlib import Path

from handwriting.errors import UserError
from handwriting.models.pretrained import PretrainedNetwork

__all__ = ["FrontPage"]


class FrontPage:
    """Gives the drawing page, made when it is first asked for and again when another version answers.

    Parameters
    ----------
    shelf : workshop.serve.versions.Shelf
    """

    def __init__(self, shelf):
        self.shelf = shelf
        self.made = (None, None)  # a network, and its page
        self.lock = threading.Lock()

    def __call__(self):
        """The page as text; None where it cannot be made: of a SavedModel of others, or an unusual network."""
        with self.lock:
            network, page = self.made
            if network is not self.shelf.network:
                network = self.shelf.network
                page = drawing_page(network)
                self.made = network, page
            return page


def drawing_page(network):
    """One network's page, or None."""
    model = network.model
    if isinstance(model, PretrainedNetwork):
        from handwriting.build import pretrained

        model = pretrained()
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(model, keras.Model):
        return None
    from handwriting.share import export_page
    from handwriting.share.page import LONGEST

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index.html")
        try:
            export_page(model, path, class_names=network.names, data=network.data and network.data[: LONGEST["data"]])
        except UserError:  # such as a layer that a page cannot compute
            return None
        return path.read_text(encoding="utf-8")
