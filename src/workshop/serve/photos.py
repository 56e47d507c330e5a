"""Find the digits on a photo in a separate process, which is stopped when a photo takes too long."""

import asyncio
import multiprocessing
from concurrent.futures.process import BrokenProcessPool

import numpy as np
from pebble import ProcessExpired, ProcessPool
from starlette.exceptions import HTTPException

from handwriting.errors import ScanError
from handwriting.models.not_a_digit import look_like_digits
from handwriting.models.pretrained import pretrained_network
from handwriting.scan import find_digits
from workshop.serve.request_bodies import Turns, busy, rows

WAITING = 32  # photos at once, half of them from one machine, with the one that is being scanned
TIMEOUT = 10  # seconds for one photo; a page of a hundred digits takes less than one


class PhotoScanner:
    """A worker process that scans one photo at a time: a large one takes a second and 300 MB.

    Machines take turns: each has one photo in the process's queue.
    """

    def __init__(self):
        self.pool, self.waiting = None, Turns()

    async def find_digits(self, content, machine):
        """Return all digits on a machine's photo, the bytes of its file; raise HTTPException if that fails."""
        try:
            detail = "Too many photos are waiting. Try again in a second."
            async with self.waiting.turn(machine, 1, WAITING, detail):
                return await asyncio.wrap_future(self.running().schedule(find_digits, [content], timeout=TIMEOUT))
        except ScanError as error:
            raise HTTPException(400, str(error)) from None
        except asyncio.TimeoutError:
            raise HTTPException(413, "This photo takes too long: there is too much in it. Send part of it.") from None
        except (ProcessExpired, BrokenProcessPool):  # such as for lack of memory
            raise busy("The process that reads photos stopped. Send this one again, or a smaller one.") from None

    def running(self):
        """Return the pool with the process, a new one if its worker died between two photos."""
        if self.pool is None or not self.pool.active:
            self.close()
            self.pool = ProcessPool(1, context=multiprocessing.get_context("spawn"))  # TensorFlow's threads forbid fork
        return self.pool

    def close(self):
        if self.pool is not None:
            self.pool.stop()
            self.pool.join()


def description(digits, probabilities, network):
    """Return the response to a photo: its text, and each digit with its class, probabilities and box in pixels."""
    class_names, images = network.class_names, np.stack([digit.image for digit in digits])
    logits = pretrained_network().forward(images / np.float32(255))[1] if network.shipped else None
    are_digits = look_like_digits(images, class_names, logits)  # no letters, doodles and dots, as far as that is known
    found = [
        {
            "name": row["names"],
            "class": row["classes"],
            "probability": max(row["probabilities"]),
            "probabilities": row["probabilities"],
            "box": list(map(int, digit.box)),
            "looks_like_digit": bool(is_digit),
        }
        for digit, row, is_digit in zip(digits, rows(probabilities, class_names), are_digits, strict=True)
    ]
    separator = "" if all(len(name) == 1 for name in class_names) else " "
    return {"text": separator.join(digit["name"] for digit in found), "digits": found}
