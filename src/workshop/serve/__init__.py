"""The classroom's server. Importing it brings neither TensorFlow nor FastAPI."""

from workshop.serve.running import serve, start

__all__ = ["serve", "start"]
