"""Pack weights into a short text: floats of 16 bits, or integers of 8 bits for a large network."""

from base64 import b64encode

import numpy as np

LARGEST = 1_430_000  # characters for kernels in a page of 1.5 MB


def pack_network(steps):
    """Return the steps of `read_network` ready for JSON, and how many bits, 16 or 8, each weight of a kernel has.

    An array becomes {"as": ..., "data": base64, "scale": ...}.
    """
    kernels = sum(step["kernel"].size for step in steps if "kernel" in step)
    bits = 16 if kernels * 2 * 4 / 3 < LARGEST else 8
    return [{key: pack(key, value, bits) for key, value in step.items()} for step in steps], bits


def pack(key, value, bits):
    """Return one entry of a step: an array as text, anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    if key != "kernel":
        return pack_floats(value)  # only one number per unit
    return pack_halves(value) if bits == 16 else pack_bytes(value)


def pack_floats(values):
    """Return floats as they are, of 32 bits."""
    return {"as": "float32", "data": text_of(values.astype("<f4"))}


def pack_halves(values):
    """Return floats of 16 bits: 11 bits of precision, once a power of two has brought them into their range."""
    largest = float(np.abs(values).max(initial=0)) or 1.0
    power = 14 - int(np.floor(np.log2(largest)))
    return {"as": "float16", "scale": 2.0**-power, "data": text_of((values.astype(float) * 2.0**power).astype("<f2"))}


def pack_bytes(values):
    """Return integers from -127 to 127, with a scale for each unit or filter: the last axis."""
    largest = np.abs(values).max(axis=tuple(range(values.ndim - 1)))
    scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return {"as": "int8", "scale": pack_floats(scale), "data": text_of(np.rint(values / scale).astype(np.int8))}


def text_of(array):
    """Return an array's bytes as base64."""
    return b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
