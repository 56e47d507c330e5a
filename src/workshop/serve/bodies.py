"""Bodies of requests and responses: their limits, and TensorFlow Serving's REST format."""

import asyncio
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

__all__ = ["MOST", "BodyReceiver", "PredictRequest", "busy", "columns", "images_in", "rows"]

MOST = 1024  # images in a request
LARGEST_REQUEST = 5 * 2**20  # bytes: 1,024 images as Python writes them
LARGEST_PHOTO = 16 * 2**20
ALL_BODIES = 256 * 2**20  # bytes that are being received at once
SECONDS = 30  # for a whole body
HOW = 'Send {"instances": [image, ...]}; an image is 28 lists of 28 whole numbers from 0 to 255, not scaled to 0 to 1.'


def busy(detail):
    """Return the error for a request that may be sent again in a second."""
    return HTTPException(503, detail, {"Retry-After": "1"})


class BodyReceiver:
    """Receives the bodies of requests, and counts the bytes of all that are on their way."""

    def __init__(self):
        self.receiving = 0

    async def receive(self, request, limit):
        """Return a request's body of at most `limit` bytes; raise HTTPException if it is too large or too slow."""
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


def unnamed(value):
    """Return what is under "images", the network's only input, if it is named."""
    return value["images"] if isinstance(value, dict) and set(value) == {"images"} else value


def unnamed_rows(value):
    """Return a list of images of which each may be named."""
    return [unnamed(image) for image in value] if isinstance(value, list) else value


# A list is given up at its first error: a million wrong pixels are one error.
Pixel = Annotated[int, Field(strict=True, ge=0, le=255)]
Row = Annotated[list[Pixel], Field(min_length=28, max_length=28, fail_fast=True)]
Image = Annotated[list[Row], Field(min_length=28, max_length=28, fail_fast=True)]
Images = Annotated[list[Image], Field(min_length=1, max_length=MOST, fail_fast=True)]


class PredictRequest(BaseModel):
    """Images, either as "instances", answered by rows, or as "inputs", answered by columns."""

    signature_name: Literal["serving_default", ""] = "serving_default"
    instances: Annotated[Images | None, BeforeValidator(unnamed_rows)] = None
    inputs: Annotated[Images | None, BeforeValidator(unnamed)] = None

    @model_validator(mode="after")
    def has_one(self):
        """Check that there is one of both."""
        if (self.instances is None) == (self.inputs is None):
            raise PydanticCustomError("one_of_both", 'Either "instances" or "inputs" is needed')
        return self


def images_in(body):
    """Return the images in a body, uint8, shape (n, 28, 28), and whether they are "inputs"; raise HTTPException."""
    try:
        request = PredictRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else part for part in first["loc"])
        raise HTTPException(400, f"{place or 'The body'}: {first['msg']}. {HOW}") from None
    by_columns = request.instances is None
    return np.array(request.inputs if by_columns else request.instances, np.uint8), by_columns


def columns(probabilities, class_names):
    """Return the response to "inputs": a dict with a list for each output of the network."""
    classes = probabilities.argmax(axis=1).tolist()
    names = [class_names[number] for number in classes]
    rounded = np.round(probabilities.astype(np.float64), 7)  # the precision of a float32 near 1
    return {"classes": classes, "names": names, "probabilities": rounded.tolist()}


def rows(probabilities, class_names):
    """Return the response to "instances": for each image, a dict with its class, name and probabilities."""
    found = columns(probabilities, class_names)
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
