"""The network that ships with the package, and the one check of what a network reads and gives."""
