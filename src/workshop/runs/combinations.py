"""Many runs from a few lists of values: every combination, pairs, or a random part."""

import json
import math
import random
import re
from hashlib import sha256

import numpy as np

from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, taken, typed
from handwriting.paths import read_file

#: Names of folders must suit all systems: letters that some of them forbid are replaced, long names cut.
UNSAFE, LONGEST = re.compile(r"[^\w.,=+-]"), 120  # bytes
LARGEST = 1_000_000  # bytes of a file with lists of values
EXAMPLE = "It needs lines such as: epochs: [1, 2, 4]"


class Combinations:
    """Combinations of parameters, each made when it is asked for: there may be far too many to keep.

    scikit-learn's `ParameterGrid` would do, but changes the order, and takes 1.3 s and 130 MB to import. `values` has
    the checked values of each parameter; the last one changes fastest. With `pairs`, the first values go together, then
    the second ones and so on, and a list with one value goes with all. `sample` of them are chosen at random.
    """

    def __init__(self, values, pairs=False, sample=None, seed=0):
        self.values, self.pairs = dict(values), pairs
        self.lengths = tuple(len(several) for several in self.values.values())
        if pairs:
            varied = {name: len(several) for name, several in self.values.items() if len(several) > 1}
            if len(set(varied.values())) > 1:
                counts = ", ".join(f"{name} has {count}" for name, count in varied.items())
                raise ParameterError(f"Pairs need lists of the same length, but {counts}.")
        if sample is not None and sample < 1:
            raise ParameterError(f'"--sample" must be a whole number, at least 1, not {sample}.')
        number = max(self.lengths, default=1) if pairs else math.prod(self.lengths)
        if number >= 2**63:  # beyond what can be numbered
            raise ParameterError(f"These are about 10^{math.log10(number):.0f} combinations. Leave out some values.")
        self.positions = range(number)
        if sample is not None and sample < len(self.positions):
            self.positions = sorted(random.Random(seed).sample(self.positions, sample))

    def __len__(self):
        return len(self.positions)

    def __iter__(self):
        for position in self.positions:
            if self.pairs:
                yield {name: several[position % len(several)] for name, several in self.values.items()}
            else:
                indices = np.unravel_index(position, self.lengths)
                yield {name: self.values[name][index] for name, index in zip(self.values, indices, strict=True)}


def values_of(name, given):
    """Return the values of a parameter, given as one, a list, or a text with commas, each once; or ParameterError."""
    if isinstance(given, str):
        given = [typed(name, part.strip()) for part in given.split(",")]
    elif not isinstance(given, (list, tuple, range)):
        given = [given]
    if not given:
        raise ParameterError(f'"{name}" has no values. Give a list with at least one.')
    # As JSON, because 1 == True == 1.0 in Python.
    return [json.loads(text) for text in dict.fromkeys(json.dumps(taken(name, value)) for value in given)]


def read_values(path):
    """Read lists of values from a YAML file with lines such as `epochs: [1, 2, 4]`; ParameterError if it has none."""
    import yaml  # here, so that notebook 05's `run` names papermill as what is missing

    text = read_file(path, LARGEST, ParameterError)
    try:
        has_references = any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text))
        if not has_references:  # a few may make billions of values
            content, node = yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: odd bytes, numbers and dates
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ParameterError(f"{path}{line} is not YAML. {EXAMPLE}") from None
    if has_references:
        raise ParameterError(f"{path} has references in it, such as *name. Write the values out. {EXAMPLE}")
    if not isinstance(content, dict) or not content:
        raise ParameterError(f"{path} has no parameters. {EXAMPLE}")
    if any(key.value == "<<" for key, _ in node.value):
        raise ParameterError(f"{path} has references in it, such as <<. Write the values out. {EXAMPLE}")
    if len(content) < len(node.value):
        raise ParameterError(f"{path} has a parameter twice. Put all of its values into one list.")
    found = {}
    for (name, values), (_, given) in zip(content.items(), node.value, strict=True):
        # A list, so that texts stay what they are, commas and all.
        values, given = (values, given.value) if isinstance(values, list) else ([values], [given])
        if not all(isinstance(value, (int, float, str)) for value in values):
            raise ParameterError(f'In {path}, "{name}" needs a value or a list of values, such as [1, 2, 4].')
        # Without quotes, 1e-3 is a number to everybody but YAML.
        pairs = zip(values, given, strict=True)
        values = [typed(name, one) if isinstance(one, str) and not part.style else one for one, part in pairs]
        found[str(name)] = values_of(str(name), values)
    return found


def written(name, value):
    """Return a value as the command line has it; a text that means a number there in quotes."""
    is_odd = isinstance(value, str) and (typed(name, value) != value or value.startswith('"'))
    return f'"{value}"' if is_odd else value


def run_name(parameters):
    """Return the name of a run's folder, such as "hidden=16,epochs=1,seed=0", however the parameters were ordered."""
    order = list(PARAMETERS)
    names = sorted(parameters, key=lambda name: (order.index(name) if name in PARAMETERS else len(order), name))
    full = ",".join(f"{name}={written(name, parameters[name])}" for name in names) or "usual"
    safe = UNSAFE.sub("_", full).encode()[:LONGEST].decode(errors="ignore").rstrip(".")
    if full == safe and full.lower() == full:
        return safe
    return f"{safe}-{sha256(full.encode(errors='surrogatepass')).hexdigest()[:8]}"  # different runs share no name
