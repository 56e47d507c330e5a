"""The classroom's server. Importing it brings neither TensorFlow nor FastAPI."""

from workshop.serve.lifecycle import serve, start

__all__ = ["serve", "start"]
