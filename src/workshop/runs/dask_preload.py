"""Loaded into workers: Ctrl-C on the terminal is for the program that started them, which then stops them in order."""

import signal


def dask_setup(worker):
    """Called by Dask when a worker starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
