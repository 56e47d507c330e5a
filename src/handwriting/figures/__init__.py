"""What all figures share: their style, and text that fits into them."""
