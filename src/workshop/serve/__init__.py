"""The rooms behind `workshop.serve.running`: networks and their versions, batches, requests, limits, pages."""
