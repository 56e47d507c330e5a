"""Take in a request's body, within limits on its size, its time, and the memory of all bodies together."""

import asyncio

from workshop.serve.refused import Refused

__all__ = ["Intake"]

SECONDS = 30  # for a whole body
TOTAL = 256 * 2**20  # bytes of all bodies at once


class Intake:
    """Reads bodies.

    Parameters
    ----------
    seconds : float
        For a whole body.
    total : int
        Bytes of all bodies that are being read or worked on.
    """

    def __init__(self, seconds=SECONDS, total=TOTAL):
        self.seconds, self.total = seconds, total
        self.held = 0

    async def take(self, request, largest):
        """Read one body; `release` its length when it is no longer needed.

        Parameters
        ----------
        request : starlette.requests.Request
        largest : int
            Bytes.

        Returns
        -------
        bytes

        Raises
        ------
        Refused
            For bodies that are packed, too large or too slow, and when there is no room for more.
        """
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            raise Refused("The body is packed (Content-Encoding). Send it as it is.", 415)
        length = request.headers.get("content-length", "")
        if length.isdecimal() and (len(length) > 15 or int(length) > largest):
            raise too_large(largest)
        parts = []
        try:
            await asyncio.wait_for(self.collect(request, largest, parts), self.seconds)
        except asyncio.TimeoutError:
            self.release(parts)
            raise Refused(f"The body did not arrive within {self.seconds:g} seconds. Send less at once.", 408) from None
        except BaseException:  # too large, or the other side is gone
            self.release(parts)
            raise
        return b"".join(parts)

    async def collect(self, request, largest, parts):
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > largest:
                raise too_large(largest)
            if self.held + len(part) > self.total:
                raise Refused("Too much is being sent at once. Try again in a second.", 503)
            self.held += len(part)
            parts.append(part)

    def release(self, parts):
        """Make room: `parts` are the bodies, or pieces of them, that are no longer needed."""
        self.held -= sum(map(len, parts))


def too_large(largest):
    return Refused(f"The body is too large: at most {largest // 2**20} MB.", 413)
