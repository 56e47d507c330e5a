"""Images of requests that arrive together are classified together: a batch costs little more than one image."""

import asyncio

import numpy as np

from handwriting.errors import first_line
from workshop.serve.bodies import busy

__all__ = ["Batcher"]

LARGEST = 256  # images in a batch: more take more memory and are hardly faster per image
WAITING = 4096  # images that may wait; at 1,000 a second, the last one waits four seconds
SECONDS = 30  # until a request gives up


class Batcher:
    """A queue of requests; while one batch is classified in a thread, the next one collects.

    `repository.network` is looked up once per batch, so that one version classifies all of a batch.
    """

    def __init__(self, repository):
        self.repository = repository
        self.queue = asyncio.Queue()
        self.waiting = self.batches = 0

    async def predict(self, images):
        """Return the probabilities of images, and the network that computed them; raise HTTPException if busy."""
        if self.waiting + len(images) > WAITING:
            raise busy("Too many images are waiting. Try again in a second.")
        self.waiting += len(images)
        future = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((images, future))
        try:
            return await asyncio.wait_for(future, SECONDS)
        except asyncio.TimeoutError:
            raise busy(f"The images were not classified within {SECONDS} seconds. Try again later.") from None
        finally:
            self.waiting -= len(images)

    async def run(self):
        """Classify batch after batch until cancelled."""
        while True:
            requests = [await self.queue.get()]
            while not self.queue.empty() and sum(len(images) for images, _ in requests) < LARGEST:
                requests.append(self.queue.get_nowait())
            requests = [(images, future) for images, future in requests if not future.done()]
            if requests:
                await self.classify(requests)

    async def classify(self, requests):
        """Classify the images of several requests, and give each request its part."""
        network = self.repository.network
        images = [images for images, _ in requests]
        try:
            found = await asyncio.to_thread(probabilities_of, network, np.concatenate(images))
            results = [(part, network) for part in np.split(found, np.cumsum([len(part) for part in images])[:-1])]
        except Exception as error:  # TensorFlow raises many kinds; the next batch may succeed
            self.repository.log(f"The network failed ({type(error).__name__}: {first_line(error)}).")
            results = [busy("The network failed. Try again; the server's log says why.")] * len(requests)
        self.batches += 1
        for (_, future), result in zip(requests, results, strict=True):
            if not future.done():
                (future.set_exception if isinstance(result, Exception) else future.set_result)(result)


def probabilities_of(network, images):
    """Return the probabilities of images; at most `LARGEST` are classified at once."""
    parts = [network.predict(images[start : start + LARGEST]) for start in range(0, len(images), LARGEST)]
    probabilities = np.concatenate(parts)
    if not np.isfinite(probabilities).all():
        raise ValueError("some probabilities are not numbers")
    return probabilities
