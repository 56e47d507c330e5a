"""Many runs from a few lists of values: every combination, pairs, or a random part."""

import json
import random
import re
from hashlib import sha256
from pathlib import Path

import yaml

from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, taken

__all__ = ["Grid", "read_grid", "run_name", "values_of"]

#: Names of folders must suit all systems: letters that some of them forbid are replaced, long names cut.
UNSAFE, LONGEST = re.compile(r"[^\w.,=+-]"), 120


class Grid:
    """Combinations of parameters, made one by one when they are asked for.

    Parameters
    ----------
    values : dict of str to list
        Each parameter's values, checked.
    pairs : bool
        The first values together, then the second ones and so on, and not every combination. A list with one value
        goes with all of them.
    sample : int, optional
        Only so many, chosen at random without repetition.
    seed : int
        Of that choice.

    Raises
    ------
    ParameterError
        If lists for pairs have different lengths, or `sample` is below 1.
    """

    def __init__(self, values, pairs=False, sample=None, seed=0):
        self.values, self.pairs = dict(values), pairs
        lengths = {name: len(list_) for name, list_ in self.values.items()}
        if pairs:
            several = {name: length for name, length in lengths.items() if length > 1}
            if len(set(several.values())) > 1:
                told = ", ".join(f"{name} has {length}" for name, length in several.items())
                raise ParameterError(f"Pairs need lists of the same length, but {told}.")
            self.total = max(lengths.values(), default=1)
        else:
            self.total = 1
            for length in lengths.values():
                self.total *= length
        if sample is not None and sample < 1:
            raise ParameterError(f'"--sample" takes a whole number from 1, not {sample}.')
        self.places = range(self.total)
        if sample is not None and sample < self.total:
            # The grid may be far too large to be written out: choose places, and make only those.
            self.places = sorted(random.Random(seed).sample(range(self.total), sample))

    def __len__(self):
        return len(self.places)

    def __iter__(self):
        return (self.at(place) for place in self.places)

    def at(self, place):
        """The combination at one place of the whole grid; the last parameter changes fastest."""
        if self.pairs:
            return {name: list_[place % len(list_)] for name, list_ in self.values.items()}
        found = {}
        for name, list_ in reversed(self.values.items()):
            place, which = divmod(place, len(list_))
            found[name] = list_[which]
        return {name: found[name] for name in self.values}


def values_of(name, given):
    """The values of one parameter, each checked and each once.

    Parameters
    ----------
    name : str
    given : str, number or list of them
        A text may hold several, with commas between them.

    Returns
    -------
    list

    Raises
    ------
    ParameterError
        For a value that the parameter does not take, or if there is none.
    """
    if isinstance(given, str):
        given = [part.strip() for part in given.split(",")]
    elif not isinstance(given, (list, tuple, range)):
        given = [given]
    checked = [taken(name, value) for value in given]
    unique = list(dict.fromkeys(json.dumps(value) for value in checked))
    if not unique:
        raise ParameterError(f'"{name}" has no values. Write, for example: -p epochs 1,2,4')
    return [json.loads(value) for value in unique]


def read_grid(path):
    """Lists of values from a YAML file such as `epochs: [1, 2, 4]`.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict of str to list

    Raises
    ------
    ParameterError
        If the file cannot be read or says something else.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"{path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise ParameterError(f"{path}{line} is no YAML. It needs lines such as: epochs: [1, 2, 4]") from None
    except RecursionError:
        raise ParameterError(f"{path} is nested too deeply. It needs lines such as: epochs: [1, 2, 4]") from None
    if not isinstance(content, dict) or not content:
        raise ParameterError(f"{path} holds no parameters. It needs lines such as: epochs: [1, 2, 4]")
    for name, values in content.items():
        plain = values if isinstance(values, list) else [values]
        if not all(isinstance(value, (int, float, str)) for value in plain):
            raise ParameterError(f'In {path}, "{name}" needs a value or a list of values, such as [1, 2, 4].')
    # A list is a list here: commas in its texts stay what they are.
    return {
        str(name): values_of(str(name), values if isinstance(values, list) else [values])
        for name, values in content.items()
    }


def run_name(parameters):
    """The folder of a run: what is special about it, in an order that does not depend on how it was asked for.

    Parameters
    ----------
    parameters : dict

    Returns
    -------
    str
        Such as "hidden=16,epochs=1,seed=0". Where that is too long or has letters that a folder cannot have, the
        end is a number made from all of it, so that different runs never share a name.
    """
    order = list(PARAMETERS)
    names = sorted(parameters, key=lambda name: (order.index(name) if name in PARAMETERS else len(order), name))
    told = ",".join(f"{name}={parameters[name]}" for name in names) or "usual"
    safe = UNSAFE.sub("_", told)[:LONGEST].rstrip(".")
    exact = told == safe and told.lower() == told
    return safe if exact else f"{safe}-{sha256(told.encode()).hexdigest()[:8]}"
