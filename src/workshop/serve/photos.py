"""Read the digits on an uploaded picture."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from workshop.serve.bodies import MOST, rounded
from workshop.serve.refused import Refused
from workshop.serve.scanner import Scanner

__all__ = ["Photos", "picture_in"]

WAITING = 16  # pictures that may wait for their turn
SECONDS = 30  # until a request is told that it takes too long


class Photos:
    """Finds digits on pictures, one picture at a time: a large photo takes a second and 300 MB.

    Parameters
    ----------
    batcher : workshop.serve.batching.Batcher
    say : callable
        Gets a sentence when reading failed for another reason than the picture.
    """

    def __init__(self, batcher, say=print):
        self.batcher = batcher
        self.waiting = 0
        self.thread, self.scanner = ThreadPoolExecutor(1, "photos"), Scanner(say)

    async def read(self, content):
        """Find and read all digits.

        Parameters
        ----------
        content : bytes
            A picture file.

        Returns
        -------
        dict
            "text", and "digits": each with name, class, probability, probabilities, and its box in the picture's
            pixels (left, top, right, bottom).

        Raises
        ------
        Refused
            If it is no picture, there is nothing on it, it takes too long, or too many wait.
        """
        if self.waiting >= WAITING:
            raise Refused("Too many pictures are waiting to be read. Try again in a second.", 503)
        self.waiting += 1
        task = asyncio.get_running_loop().run_in_executor(self.thread, self.scanner.find, content)
        task.add_done_callback(self.leave)
        try:
            images, boxes = await asyncio.wait_for(task, SECONDS)
        except asyncio.TimeoutError:
            raise Refused("Other pictures take long to be read. Try again later.", 503) from None
        if len(images) > MOST:
            raise Refused(f"There are {len(images):,} things on this picture. Send at most {MOST:,} at once.", 413)
        probabilities, network = await self.batcher.read(images)
        digits = [
            {
                "name": network.names[best],
                "class": int(best),
                "probability": shares[best],
                "probabilities": shares,
                "box": box,
            }
            for box, best, shares in zip(boxes, probabilities.argmax(axis=1), rounded(probabilities), strict=True)
        ]
        joint = "" if all(len(name) == 1 for name in network.names) else " "
        return {"text": joint.join(digit["name"] for digit in digits), "digits": digits}

    def leave(self, task):
        """Called when a picture was read or given up."""
        self.waiting -= 1

    def close(self):
        """End the thread and the process."""
        self.thread.shutdown(wait=False, cancel_futures=True)
        self.scanner.close()


async def picture_in(request, body):
    """The picture in a request: the only file of a form, or the body itself.

    Raises
    ------
    Refused
        If it is a form without one file, or a damaged one.
    """
    from starlette.datastructures import UploadFile
    from starlette.formparsers import MultiPartException, MultiPartParser

    kind = request.headers.get("content-type", "")
    if not kind.strip().lower().startswith("multipart/"):
        return body

    async def stream():
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError, ValueError, LookupError, AssertionError):
        raise Refused("The form is damaged, or holds more than one file. Send one picture, as a file.") from None
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise Refused("The form holds no file. Send one picture: curl -F file=@page.jpg ADDRESS/read")
        return await files[0].read()
    finally:
        await form.close()
