"""What runs the series of notebooks: for instructors, maintainers and CI. Notebooks import `handwriting`."""
