"""The network that ships with the package."""
