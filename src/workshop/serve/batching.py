"""Images of requests that arrive together are classified together: a batch costs little more than one image."""

import asyncio

import numpy as np

from handwriting.errors import first_line
from handwriting.models.check import check_outputs
from workshop.serve.request_bodies import Shares, busy

LARGEST = 256  # images after which a batch takes no more requests; more are hardly faster per image
WAITING = 8192  # images that may wait, half of them from one machine; at 1,000 a second, for eight seconds


class Batcher:
    """A queue of requests; while one batch is classified in a thread, by one version, the next one collects."""

    def __init__(self, repository):
        self.repository, self.queue, self.waiting = repository, asyncio.Queue(), Shares()

    async def predict(self, images, machine=None):
        """Return the probabilities of a machine's images, and the network that computed them; HTTPException if busy."""
        future = asyncio.get_running_loop().create_future()
        try:
            self.waiting.take(machine, len(images), WAITING, "Too many images are waiting. Try again in a second.")
            self.queue.put_nowait((images, future))
            return await future
        finally:
            self.waiting.give_back(machine, len(images))

    async def run(self):
        """Classify batch after batch until cancelled; give each request its part."""
        while True:
            requests = [await self.queue.get()]
            while not self.queue.empty() and sum(len(images) for images, _ in requests) < LARGEST:
                requests.append(self.queue.get_nowait())
            network = self.repository.network
            images = [images for images, _ in requests]
            try:
                found = await asyncio.to_thread(network.predict, np.concatenate(images))
                check_outputs(found, *found.shape)
            except Exception as error:  # TensorFlow raises many kinds; the next batch may succeed
                self.repository.log(f"The network failed ({type(error).__name__}: {first_line(error)}).")
                found = None
            ends = np.cumsum([len(part) for part in images])
            for (part, future), end in zip(requests, ends, strict=True):
                if future.cancelled():
                    continue
                if found is None:
                    future.set_exception(busy("The network failed. Try again; the server's log has the reason."))
                else:
                    future.set_result((found[end - len(part) : end], network))
