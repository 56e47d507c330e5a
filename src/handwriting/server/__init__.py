"""The rooms behind `handwriting.serve`: networks and their versions, batches, requests, limits, pages."""
