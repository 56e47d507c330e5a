"""Pads to draw on, in a notebook: one that reads along, and one that collects drawings with their labels."""

from handwriting.pad.collector import HandwritingCollector
from handwriting.pad.reader import DrawingPad

__all__ = ["DrawingPad", "HandwritingCollector"]
