"""The body of a prediction request, and of its response, in TensorFlow Serving's REST format."""

from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException

__all__ = ["MOST", "PredictRequest", "columns", "parse", "rounded", "rows"]

MOST = 1024  # images in a request
HOW = 'Send {"instances": [image, ...]}; an image is 28 lists of 28 whole numbers from 0 to 255, not scaled to 0 to 1.'


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


def parse(body):
    """Return the images in a request's body, uint8, shape (n, 28, 28), and whether they were sent as "inputs".

    Raises HTTPException with a sentence on the first thing that is wrong.
    """
    try:
        request = PredictRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else part for part in first["loc"])
        raise HTTPException(400, f"{place or 'The body'}: {first['msg']}. {HOW}") from None
    columnar = request.instances is None
    return np.array(request.inputs if columnar else request.instances, np.uint8), columnar


def rows(probabilities, class_names):
    """Return the response to "instances": for each image, a dict with its class, name and probabilities."""
    found = columns(probabilities, class_names)
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def columns(probabilities, class_names):
    """Return the response to "inputs": a dict with a list for each output of the network."""
    classes = probabilities.argmax(axis=1).tolist()
    names = [class_names[number] for number in classes]
    return {"classes": classes, "names": names, "probabilities": rounded(probabilities)}


def rounded(probabilities):
    """Return lists of floats with seven decimals, which is the precision of a float32 near 1."""
    return np.round(probabilities.astype(np.float64), 7).tolist()
