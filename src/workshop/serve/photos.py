"""Find the digits on a photo in a process of its own, which is stopped when a photo takes too long."""

import asyncio
import multiprocessing
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired, ProcessPool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from handwriting.errors import ScanError, first_line
from handwriting.scan import find_digits
from workshop.serve.bodies import MOST, busy, rows

__all__ = ["PhotoScanner", "description", "photo_in"]

WAITING = 16  # photos at once, with the one that is being scanned
TIMEOUT = 10  # seconds for one photo; a page of a hundred digits takes less than one
SECONDS = 30  # until a request gives up


class PhotoScanner:
    """A worker process that scans one photo at a time: a large one takes a second and 300 MB."""

    def __init__(self, log=print):
        self.log, self.pool, self.waiting = log, None, 0

    async def find_digits(self, content):
        """Return all digits on a photo, given as the bytes of its file; raise HTTPException if that fails."""
        if self.waiting >= WAITING:
            raise busy("Too many photos are waiting. Try again in a second.")
        self.waiting += 1
        try:
            digits = await self.scan(content)
        except HTTPException:
            raise
        except ScanError as error:
            raise HTTPException(400, str(error)) from None
        except asyncio.TimeoutError:
            raise HTTPException(413, "This photo takes too long: there is too much on it. Send a part of it.") from None
        except (ProcessExpired, BrokenProcessPool) as error:
            self.log(f"The process that scans photos ended ({first_line(error)}). The next photo starts it again.")
            raise busy("Reading this photo failed. Send it again, or a smaller one.") from None
        except Exception as error:  # whatever a damaged file does to the scanner
            self.log(f"A photo could not be read ({type(error).__name__}: {first_line(error)}).")
            raise HTTPException(400, "This photo cannot be read. Save it as PNG or JPEG, and send that.") from None
        finally:
            self.waiting -= 1
        if len(digits) > MOST:
            raise HTTPException(413, f"There are {len(digits):,} things on this photo. Send at most {MOST:,} at once.")
        return digits

    async def scan(self, content):
        """Scan a photo in the worker, which is started when it is first needed, and again when it broke."""
        if self.pool is not None and not self.pool.active:
            self.close()
        if self.pool is None:
            self.pool = ProcessPool(1, context=multiprocessing.get_context("spawn"))  # TensorFlow's threads forbid fork
        future = asyncio.wrap_future(self.pool.schedule(find_digits, [content], timeout=TIMEOUT))
        await asyncio.wait([future], timeout=SECONDS)
        if not future.done():
            future.cancel()
            raise busy("Other photos take long. Try again later.")
        return future.result()

    def close(self):
        """Stop the worker."""
        if self.pool is not None:
            self.pool.stop()
            self.pool.join()
            self.pool = None


def description(digits, probabilities, class_names):
    """Return the response to a photo: its text, and each digit with its class, probabilities and box in pixels."""
    found = [
        {
            "name": row["names"],
            "class": row["classes"],
            "probability": max(row["probabilities"]),
            "probabilities": row["probabilities"],
            "box": list(map(int, digit.box)),
        }
        for digit, row in zip(digits, rows(probabilities, class_names), strict=True)
    ]
    separator = "" if all(len(name) == 1 for name in class_names) else " "
    return {"text": separator.join(digit["name"] for digit in found), "digits": found}


async def photo_in(request, body):
    """Return the photo in a request: the only file of a form, or the body itself; raise HTTPException."""
    if not request.headers.get("content-type", "").strip().lower().startswith("multipart/"):
        return body

    async def receive():
        return {"type": "http.request", "body": body}

    try:
        async with Request(request.scope, receive).form(max_files=1, max_fields=10) as form:
            files = [await value.read() for value in form.values() if isinstance(value, UploadFile)]
    except (HTTPException, LookupError, ValueError, AssertionError):
        raise HTTPException(400, "The form is damaged, or has more than one file. Send one photo, as a file.") from None
    if not files:
        raise HTTPException(400, "The form has no file. Send one photo: curl -F file=@page.jpg ADDRESS/read")
    return files[0]
