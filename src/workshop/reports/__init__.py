"""What many runs say together: a report on a folder of them, and two of them side by side."""
