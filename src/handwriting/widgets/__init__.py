"""What is drawn and moved in a notebook: pads and playgrounds.

`output` shows something live where it can, else as an image. `canvas`, `pad` and `kernel` (their .js) are what the two
pads share, `drawing_pad` and `collector` are the pads; `playground` has sliders. An exported page (`share`) uses
`canvas.js`, `pad.js` and `pad.css`, too.
"""
