"""Pads to draw on, in a notebook: one that reads what is drawn, and one that collects drawings with their labels."""

from handwriting.widgets.collector import HandwritingCollector
from handwriting.widgets.drawing_pad import DrawingPad

__all__ = ["DrawingPad", "HandwritingCollector"]
