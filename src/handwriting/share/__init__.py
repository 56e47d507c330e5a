"""Hand your network on: as one web page with a pad, which works from a disk and sends nothing, or for a server.

`network` takes a Keras model apart with `layers`, `weights` makes its numbers small, `card` tells what it is; `page`
puts the page together from them and from what `arguments` let through. In the page, `drawing.js` makes a picture of a
drawing (drawing.md lists the steps), `network.js` reads it, and `page.js` shows what it read.
"""

from handwriting.share.page import export_page
from handwriting.share.saved_model import export_serving

__all__ = ["export_page", "export_serving"]
