"""Requests that come together."""

import asyncio
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from workshop.serve.batching import Batcher
from workshop.serve.network import Network
from workshop.serve.refused import Refused


class Shelf:
    def __init__(self, read):
        self.network, self.said = Network(read, list("0123456789")), []
        self.say = self.said.append


async def with_batcher(read, use, **limits):
    batcher = Batcher(Shelf(read), **limits)
    task = asyncio.create_task(batcher.work())
    try:
        return await use(batcher)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def images_of(*values):
    return np.array(values, np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)


def mean(images):
    return np.repeat(images.mean(axis=(1, 2), keepdims=True)[:, :, 0], 10, axis=1).astype(np.float32)


def test_requests_that_come_together_are_read_together_and_get_their_own():
    async def use(batcher):
        found = await asyncio.gather(*(batcher.read(images_of(k, k + 100)) for k in range(100)))
        assert [part[:, 0].tolist() for part, _ in found] == [[k, k + 100] for k in range(100)]
        assert batcher.pictures == 200 and batcher.batches <= 3 and batcher.waiting == 0

    asyncio.run(with_batcher(mean, use))


def test_a_network_that_fails_does_not_stop_the_others():
    def read(images):
        if images.max() == 13:
            raise RuntimeError("unlucky")
        return np.full((len(images), 10), np.nan) if images.max() == 14 else mean(images)

    async def use(batcher):
        for value in (13, 14):
            with pytest.raises(Refused, match="failed") as refused:
                await batcher.read(images_of(value))
            assert refused.value.status == 503
        assert (await batcher.read(images_of(7)))[0][0, 0] == 7
        assert batcher.shelf.said[0] == "The network failed (RuntimeError: unlucky)."

    asyncio.run(with_batcher(read, use))


def test_overload_is_refused_and_passes():
    go = threading.Event()

    def read(images):
        go.wait(10)
        return mean(images)

    async def use(batcher):
        first = [asyncio.create_task(batcher.read(images_of(k))) for k in range(5)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refused) as refused:
            await batcher.read(images_of(9))
        assert refused.value.status == 503
        first[0].cancel()
        go.set()
        assert [(await one)[0][0, 0] for one in first[1:]] == [1, 2, 3, 4]
        assert (await batcher.read(images_of(9)))[0][0, 0] == 9

    asyncio.run(with_batcher(read, use, waiting=5))


def test_a_thread_that_does_not_start_ends_no_batching():
    async def use(batcher):
        def submit(*words):
            raise RuntimeError("can't start new thread")

        threads, batcher.thread = batcher.thread, SimpleNamespace(submit=submit)
        with pytest.raises(Refused, match="failed"):
            await batcher.read(images_of(1))
        batcher.thread = threads
        assert (await batcher.read(images_of(7)))[0][0, 0] == 7

    asyncio.run(with_batcher(mean, use))
