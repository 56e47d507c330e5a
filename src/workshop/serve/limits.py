"""Limits on what a request may send; a request beyond them gets a status and a sentence."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

__all__ = ["BodyReceiver", "busy"]

LARGEST_REQUEST = 5 * 2**20  # bytes: 1,024 images as Python writes them
LARGEST_PHOTO = 16 * 2**20
ALL_BODIES = 256 * 2**20  # bytes that are being received at once
SECONDS = 30  # for a whole body


def busy(detail):
    """Return the error for a request that may be sent again in a second."""
    return HTTPException(503, detail, {"Retry-After": "1"})


class BodyReceiver:
    """Receives the bodies of requests, and counts the bytes of all that are on their way."""

    def __init__(self):
        self.receiving = 0

    async def receive(self, request, limit):
        """Return a request's body of at most `limit` bytes; raises HTTPException if it is too large or too slow."""
        too_large = HTTPException(413, f"The body is too large: at most {limit // 2**20} MB.")
        if int(request.headers.get("content-length", 0)) > limit:
            raise too_large
        body = bytearray()

        async def collect():
            async for part in request.stream():
                body.extend(part)
                self.receiving += len(part)
                if len(body) > limit:
                    raise too_large
                if self.receiving > ALL_BODIES:
                    raise busy("Too much is being sent at once. Try again in a second.")

        try:
            await asyncio.wait_for(collect(), SECONDS)
        except asyncio.TimeoutError:
            detail = f"The body did not arrive within {SECONDS} seconds. Send less at once."
            raise HTTPException(408, detail, {"Connection": "close"}) from None
        except ClientDisconnect:
            raise HTTPException(400, "The connection was closed before the body was complete.") from None
        finally:
            self.receiving -= len(body)
        return bytes(body)
