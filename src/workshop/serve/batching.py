"""Requests that come in together are read together: one batch costs little more than one picture."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from handwriting.errors import first_line
from workshop.serve.refused import Refused

__all__ = ["Batcher"]

LARGEST = 256  # pictures in a batch: more take more memory and are hardly quicker per picture
WAITING = 4096  # pictures that may wait; at 1,000 a second, the last one waits four seconds
PATIENCE = 0.001  # seconds that a batch waits for more, while requests come in side by side
SECONDS = 30  # until a request is told that it takes too long


class Batcher:
    """Collects pictures of several requests and reads them in one worker thread.

    While the thread reads one batch, the next one collects. A lone request does not wait for others.

    Parameters
    ----------
    shelf : workshop.serve.versions.Shelf
        Its `network` is asked for once for each batch, so that all of a batch is read by one version. Its `say` is told
        when a network fails.
    waiting : int
        How many pictures may wait before requests are turned away.
    """

    def __init__(self, shelf, waiting=WAITING):
        self.shelf, self.limit = shelf, waiting
        self.queue = asyncio.Queue()
        self.waiting = 0
        self.batches = self.pictures = 0
        self.thread = ThreadPoolExecutor(1, "network")

    async def read(self, images):
        """Read pictures.

        Parameters
        ----------
        images : ndarray, uint8, shape (n, 28, 28)

        Returns
        -------
        probabilities : ndarray, float32, shape (n, classes)
        network : workshop.serve.network.Network
            The one that read them.

        Raises
        ------
        Refused
            With status 503, if too many wait, or the network fails.
        """
        if self.waiting + len(images) > self.limit:
            raise Refused("Too many pictures are waiting to be read. Try again in a second.", 503)
        self.waiting += len(images)
        found = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((images, found))
        try:
            return await asyncio.wait_for(found, SECONDS)
        except asyncio.TimeoutError:
            raise Refused(f"The pictures were not read within {SECONDS} seconds. Try again later.", 503) from None
        finally:
            self.waiting -= len(images)

    async def work(self):
        """Read batches until cancelled."""
        loop, several = asyncio.get_running_loop(), False
        try:
            while True:
                requests = [await self.queue.get()]
                await asyncio.sleep(PATIENCE if several and self.queue.empty() else 0)
                count = len(requests[0][0])
                while not self.queue.empty() and count < LARGEST:
                    requests.append(self.queue.get_nowait())
                    count += len(requests[-1][0])
                several = len(requests) > 1
                requests = [(images, found) for images, found in requests if not found.done()]  # who still waits
                if requests:
                    try:
                        await loop.run_in_executor(self.thread, self.read_batch, loop, requests)
                    except Exception as error:  # no thread can be started, say
                        self.failed(requests, error)
        finally:
            self.thread.shutdown(wait=False, cancel_futures=True)

    def read_batch(self, loop, requests):
        """In the worker thread: read what several requests brought, and hand each its part."""
        network = self.shelf.network
        try:
            images = np.concatenate([images for images, _ in requests])
            parts = [network.read(images[start : start + LARGEST]) for start in range(0, len(images), LARGEST)]
            probabilities = np.concatenate(parts)
            if not np.isfinite(probabilities).all():
                raise ValueError("it gives no numbers")
        except Exception as error:  # of TensorFlow, which has many: the next batch may go well
            loop.call_soon_threadsafe(self.failed, requests, error)
            return
        self.batches += 1
        self.pictures += len(images)
        ends = np.cumsum([len(images) for images, _ in requests])[:-1]
        loop.call_soon_threadsafe(hand_out, requests, np.split(probabilities, ends), network)

    def failed(self, requests, error):
        """Tell each request that still waits, and the log."""
        for _, found in requests:
            if not found.done():
                found.set_exception(Refused("The network failed. Try again; the server's log says why.", 503))
        self.shelf.say(f"The network failed ({type(error).__name__}: {first_line(error)}).")


def hand_out(requests, parts, network):
    """Give each request that still waits its part."""
    for (_, found), part in zip(requests, parts, strict=True):
        if not found.done():
            found.set_result((part, network))
