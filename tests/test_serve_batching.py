"""Requests that arrive together."""

import asyncio
import threading
from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.exceptions import HTTPException

from workshop.serve import batching, photos


def run(predict, use):
    """Run `use(batcher)` with a network that predicts by a function; return what was logged."""
    log = []
    repository = SimpleNamespace(network=SimpleNamespace(predict=predict), log=log.append)

    async def with_task():
        batcher = batching.Batcher(repository)
        task = asyncio.create_task(batcher.run())
        try:
            return await asyncio.wait_for(use(batcher), 20)
        finally:
            task.cancel()

    asyncio.run(with_task())
    return log


def images_of(*values):
    return np.array(values, np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)


def mean(images):
    return np.repeat(images.mean(axis=(1, 2), keepdims=True)[:, :, 0], 10, axis=1).astype(np.float32)


def test_requests_that_arrive_together_share_batches_and_get_their_own():
    counts = []

    def predict(images):
        counts.append(len(images))
        return mean(images)

    async def use(batcher):
        found = await asyncio.gather(*(batcher.predict(images_of(k, k + 100)) for k in range(150)))
        assert [part[:, 0].tolist() for part, _ in found] == [[k, k + 100] for k in range(150)]
        assert not batcher.waiting

    run(predict, use)
    assert len(counts) <= 3 and max(counts) == 256


def test_a_network_that_fails_does_not_stop_the_others():
    def predict(images):
        if images.max() == 13:
            raise RuntimeError("unlucky")
        return mean(images)

    async def use(batcher):
        with pytest.raises(HTTPException, match="failed") as refused:
            await batcher.predict(images_of(13))
        assert refused.value.status_code == 503
        assert (await batcher.predict(images_of(7)))[0][0, 0] == 7

    assert run(predict, use) == ["The network failed (RuntimeError: unlucky)."]


def test_overload_by_one_machine_is_refused_and_passes(monkeypatch):
    monkeypatch.setattr(batching, "WAITING", 10)
    go = threading.Event()

    def predict(images):
        go.wait(10)
        return mean(images)

    async def use(batcher):
        first = [asyncio.create_task(batcher.predict(images_of(k))) for k in range(5)]
        while batcher.waiting.total() < 5:
            await asyncio.sleep(0)
        with pytest.raises(HTTPException) as refused:
            await batcher.predict(images_of(9))
        assert refused.value.status_code == 503 and refused.value.headers["Retry-After"] == "1"
        first.append(asyncio.create_task(batcher.predict(images_of(5), "another")))
        first[0].cancel()
        go.set()
        assert [(await task)[0][0, 0] for task in first[1:]] == [1, 2, 3, 4, 5]
        assert (await batcher.predict(images_of(9)))[0][0, 0] == 9

    run(predict, use)


def test_machines_take_turns_with_photos_and_none_takes_all_places(monkeypatch):
    monkeypatch.setattr(photos, "WAITING", 8)
    begun, scanner = [], photos.PhotoScanner()

    def schedule(function, contents, timeout):
        begun.append((*contents, future := Future()))
        return future

    async def use():
        scanner.pool = SimpleNamespace(active=True, schedule=schedule)
        asked = [asyncio.create_task(scanner.find_digits(k, "greedy")) for k in range(6)]
        asked += [asyncio.create_task(scanner.find_digits(k, "another")) for k in (10, 11)]
        for number in (0, 10, 1, 11, 2, 3):
            while not begun:
                await asyncio.sleep(0)
            assert begun[0][0] == number
            begun.pop(0)[1].set_result([number])
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [getattr(one, "status_code", one) for one in found] == [[0], [1], [2], [3], 503, 503, [10], [11]]
        assert not scanner.waiting and not scanner.waiting.locks

    asyncio.run(asyncio.wait_for(use(), 20))
