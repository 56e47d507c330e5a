"""What is drawn and moved in a notebook: pads and playgrounds."""
