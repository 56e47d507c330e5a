"""Bodies of requests and responses: their largest size, photos in forms, and TensorFlow Serving's REST format."""

import asyncio
import contextlib
import logging
import re
from collections import Counter, defaultdict
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST = 1024  # images in a request
LARGEST_REQUEST = 5 * 2**20  # bytes: 1,024 images as Python writes them
LARGEST_PHOTO = 16 * 2**20
FEW = 2**16  # bytes: a dozen images, which take a few milliseconds, not more than a thread
ALL_BODIES = 192 * 2**20  # bytes of all bodies that are on their way at once
TOO_MUCH = "Too much is being sent at once. Try again in a second."
MOST_FIELDS, LARGEST_FIELD = 10, 2**16  # beside the photo in a form; bytes of each
BOUNDARY = re.compile(rb"[\w'()+,./:=? -]{1,70}")  # between the parts of a form (RFC 2046)
MARKS = 50_000  # brackets and colons in a request: 1,024 images have 30,724, and millions take seconds to read
HOW = 'Send {"instances": [image, ...]}; an image is 28 lists of 28 whole numbers from 0 to 255, not scaled to 0 to 1.'
logging.getLogger("python_multipart").setLevel("CRITICAL")  # a damaged form is the client's to know


def busy(detail):
    """Return the error for a request that may be sent again in a second."""
    return HTTPException(503, detail, {"Retry-After": "1"})


class Shares(Counter):
    """How much of something each machine has at this moment.

    One may have as much as is left for all others: half if it is the only one, a third if there are two. So however
    many are greedy, there is room for another one.
    """

    def take(self, machine, amount, room, detail):
        """Count more for a machine; raise HTTPException if that is more than its share of the room."""
        self[machine] += amount
        if self[machine] > room - self.total():
            raise busy(detail)

    def give_back(self, machine, amount):
        """Count less for a machine, also if what it wanted was refused."""
        self[machine] -= amount
        if not self[machine]:
            del self[machine]


class Turns(Shares):
    """Shares of something of which each machine uses one part after the other."""

    def __init__(self):
        super().__init__()
        self.locks = defaultdict(asyncio.Lock)

    @contextlib.asynccontextmanager
    async def turn(self, machine, amount, room, detail):
        """Wait for a machine's turn, counted in the meantime; raise HTTPException as `take` does."""
        try:
            self.take(machine, amount, room, detail)
            async with self.locks[machine]:
                yield
        finally:
            self.give_back(machine, amount)
            if machine not in self:
                self.locks.pop(machine, None)


def machine_of(request):
    """Return the address of the machine that a request comes from, or None if that is gone already."""
    return request.client and request.client.host


async def receive(request, limit):
    """Return a request's body; raise HTTPException if it has more than `limit` bytes, or too much arrives at once."""
    body, receiving, machine = bytearray(), request.app.state.receiving, machine_of(request)
    try:
        async for part in request.stream():
            body.extend(part)
            receiving.take(machine, len(part), ALL_BODIES, TOO_MUCH)
            if len(body) > limit:
                raise HTTPException(413, f"The body is too large: at most {limit // 2**20} MB.")
    finally:
        receiving.give_back(machine, len(body))
    return bytes(body)


async def photo_in(request):
    """Return the photo in a request: the only file of a form, or the body itself; raise HTTPException."""
    body, kind = await receive(request, LARGEST_PHOTO), request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/"):
        return body

    async def again():
        return {"type": "http.request", "body": body}

    async def find():
        # Without the charset: Starlette would decode fields with any codec, and some take minutes.
        boundary = parse_options_header(kind)[1][b"boundary"]
        if not BOUNDARY.fullmatch(boundary):  # or what it holds could be read as another charset
            raise ValueError
        kind_only = b'multipart/form-data; boundary="%b"' % boundary
        plain = Request(request.scope | {"headers": [(b"content-type", kind_only)]}, again)
        async with plain.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD) as form:
            (file,) = [value for value in form.values() if isinstance(value, UploadFile)]
            return await file.read()

    try:
        return await asyncio.to_thread(asyncio.run, find())  # an odd form takes seconds, and others go on
    except Exception:  # many kinds, for a form that is damaged in one way or another
        detail = "The form must have one file, the photo: curl -F file=@page.jpg ADDRESS/read."
        raise HTTPException(400, detail) from None


def unnamed(value):
    """Return what is under "images", the network's only input, if it is named."""
    if isinstance(value, dict) and set(value) != {"images"}:
        raise PydanticCustomError("one_input", 'The only input is "images"')
    return value["images"] if isinstance(value, dict) else value


# A list is given up at its first error: a million wrong pixels are one error.
Pixel = Annotated[int, Field(strict=True, ge=0, le=255)]
Row = Annotated[list[Pixel], Field(min_length=28, max_length=28, fail_fast=True)]
Image = Annotated[list[Row], Field(min_length=28, max_length=28, fail_fast=True), BeforeValidator(unnamed)]
Images = Annotated[list[Image], Field(min_length=1, max_length=MOST, fail_fast=True)]


class PredictRequest(BaseModel):
    """Images, either as "instances", answered by rows, or as "inputs", answered by columns."""

    signature_name: Literal["serving_default", ""] = "serving_default"
    instances: Images | None = None
    inputs: Annotated[Images | None, BeforeValidator(unnamed)] = None

    @model_validator(mode="after")
    def has_one(self):
        if (self.instances is None) == (self.inputs is None):
            raise PydanticCustomError("one_of_both", 'Either "instances" or "inputs" is needed')
        return self


async def images_of(request):
    """Return what `images_in` finds in a request's body: where that may take half a second, others go on."""
    body = await receive(request, LARGEST_REQUEST)
    if len(body) < FEW:
        return images_in(body)
    async with request.app.state.reading.turn(machine_of(request), len(body), ALL_BODIES, TOO_MUCH):
        return await asyncio.to_thread(images_in, body)


def images_in(body):
    """Return the images in a body, uint8, shape (n, 28, 28), and whether they are "inputs"; raise HTTPException."""
    if sum(map(body.count, b"[{:")) > MARKS:
        raise HTTPException(400, f"The body has too many lists and names. {HOW} At most {MOST:,} images.")
    try:
        request = PredictRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else part for part in first["loc"])
        raise HTTPException(400, f"{place or 'The body'}: {first['msg']}. {HOW}") from None
    by_columns = request.instances is None
    return np.array(request.inputs if by_columns else request.instances, np.uint8), by_columns


def columns(probabilities, class_names):
    """Return the response to "inputs": the classes, names and probabilities of all images."""
    classes = probabilities.argmax(axis=1).tolist()
    rounded = np.round(probabilities.astype(float), 7).tolist()  # the precision of a float32 near 1
    return {"classes": classes, "names": [class_names[number] for number in classes], "probabilities": rounded}


def rows(probabilities, class_names):
    """Return the response to "instances": for each image, a dict with its class, name and probabilities."""
    found = columns(probabilities, class_names)
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
