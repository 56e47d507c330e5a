"""Share your network: as one web page with a pad, which works from a disk and sends nothing, or for a server.

`network` takes a Keras model apart with `layers`, `weights` makes its numbers small, `card` describes it; `page` checks
the arguments and puts the page together. In the page, `to_mnist.js` turns a drawing into an image (to_mnist.md lists
the steps), `network.js` computes the prediction, and `page.js` shows it on the pad of notebooks (`widgets/pad.js`).
`saved_model` writes what TensorFlow Serving and `handwriting serve` read.
"""

from handwriting.share.page import export_page, show_card
from handwriting.share.saved_model import export_serving

__all__ = ["export_page", "export_serving", "show_card"]
