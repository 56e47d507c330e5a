"""Pages, slides and the kit for USB sticks."""
