"""Ask the exercises again about the answers that are written out in submitted notebooks, without running code."""

import ast
import math
import operator
import re
import time
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

from handwriting.practice import exercises
from handwriting.practice.answers import is_untouched
from handwriting.practice.evaluate import Program
from handwriting.practice.exercise_kinds import Function
from handwriting.practice.one_change import Report

OPERATORS = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv},
    **{ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: lambda one, other: float(one) ** other},
    **{ast.UAdd: operator.pos, ast.USub: operator.neg},
}
CALLS = {"ceil": math.ceil, "log": math.log, "int": int, "round": round}
MODULES = ("np", "numpy", "math")  # which these may be called from
SHOWS = ("print", "display")  # functions that change nothing
#: Names with which a cell may change others without an assignment to them.
HIDDEN = ("exec", "eval", "globals", "locals", "vars", "setattr", "get_ipython")
#: IPython's commands after which all names have the values they had.
HARMLESS = ("matplotlib", "config", "pip", "conda", "pinfo", "pinfo2", "cd", "pwd", "ls")
#: What a cell may import, and under which names, so that `MODULES` are what they seem to be.
IMPORTED = (("numpy", None), ("numpy", "np"), ("math", None))
LARGEST = 1e18
LONGEST = 200  # characters of a text
LONGEST_CELL, MOST_LINES = 5000, 60  # characters and lines of a cell in which lines for IPython are looked for
MOST_TRIES = 5  # answers to an exercise: the last ones count
MOST_SECONDS = 60  # for all functions of a student
MOST_READING = (2, 60)  # seconds in which IPython's lines are looked for in a student's cells, and in a class's
#: Why an answer is not asked about again.
MISSING = "the notebook with the answer was not handed in"
ABSENT = "not found in its cell, after the exercise's name"
CODE = "calculated by code"
DATA = "depends on the images that were loaded"
TEXT = "a report, for you to read"
FUNCTION = "a function: run it with --run-code"
NETWORK = "a function that trains a network"
NO_TIME = f"the student's other functions took over {MOST_SECONDS} s"


class Asked(NamedTuple):
    """What asking again said of the answers in one or more submissions."""

    agree: int  # how many are right, whatever is noted
    otherwise: list  # (exercise, what is noted, what was found) of those that are noted as done and not right
    unchecked: Counter  # why some were not checked
    ran: Counter  # the exercises whose functions were run
    stopped: Counter  # (exercise, why its function was not run to the end)


def ask_again(submission, run=None, left=None):
    """Return what the exercises say about the answers in a submission, as `Asked`; `run` is `run_function` or None.

    `left` is a list with the seconds that are left for IPython's lines in the class's cells.
    """
    known, tries, lefts = exercises(), {}, [[MOST_READING[0]], left or [MOST_READING[1]]]
    for stage, cell in submission.cells:
        cell = python_of(cell, lefts)
        for short_name, value in answers_in(cell):
            name = f"{stage}.{short_name}"
            answers = tries.setdefault(name, []) if name in known else []
            if value is ... and answers:
                continue  # as it was handed out, in a copy of the notebook
            # A function is run with its whole cell, so once is enough.
            if not (answers and answers[-1][1] == cell and isinstance(known[name], Function)):
                answers.append((value, cell))
    asked = Asked(0, [], Counter(), Counter(), Counter())
    end = time.monotonic() + MOST_SECONDS
    for name, answers in tries.items():
        states = [state_of(known[name], *answer, run, end) for answer in answers[-MOST_TRIES:]]
        certain = [state for state in states if state in ("right", "wrong", "open")]
        state = "right" if "right" in certain else (certain or states)[-1]
        is_run = run and isinstance(known[name], Function) and state != NETWORK
        noted = (submission.exercises or {}).get(name)
        if state == "open" and noted != "done":
            continue  # no answer at all
        if is_run and certain:
            asked.ran[name] += 1
        if is_run and not certain:
            asked.stopped[name, state] += 1
        elif not certain:
            asked.unchecked[state] += 1
        elif state == "right":
            asked = asked._replace(agree=asked.agree + 1)
        elif noted == "done":
            asked.otherwise.append((name, noted, "not tried yet" if state == "open" else state))
    done = {name for name, noted in (submission.exercises or {}).items() if noted == "done" and name in known}
    there = submission.stages | {stage for stage, _ in submission.cells}
    asked.unchecked.update(ABSENT if name.partition(".")[0] in there else MISSING for name in done - tries.keys())
    return asked


def state_of(exercise, value, cell, run, end):
    """Return "right", "wrong" or "open" for an answer, or why that is not known."""
    if value is ...:
        return "open"
    if isinstance(exercise, Program):
        return NETWORK
    if isinstance(exercise, Function):
        if not run:
            return FUNCTION
        return run(exercise, cell) if time.monotonic() < end else NO_TIME
    if isinstance(exercise, Report):
        return TEXT
    if exercise.needs_data and not is_untouched(value):
        return DATA
    if value is CODE:
        return CODE
    try:
        return exercise.judge(value).state  # not `check`, which notes the attempt
    except Exception:  # what a student wrote can be anything at all
        return CODE


def answers_in(cell):
    """Yield the short names of exercises a cell asks, with answers: `...` if dots are left, `CODE` if not plain."""
    try:
        tree = ast.parse(cell)
    except Exception:  # what a student wrote can be anything at all
        return
    names, anything = {}, may_change_anything(tree)
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.FunctionDef(name=name) if has_dots(statement):
                names[name] = ...
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=node) if (value := plain(node, names)) is not CODE:
                names[name] = value
                continue
            case ast.Expr(ast.Call(ast.Attribute(ast.Attribute(attr=asked), "check"), [answer], [])):
                value = plain(answer, names)
                is_left = isinstance(answer, ast.Constant) and value is ...  # as it was handed out
                yield asked, CODE if anything and not is_left else value
            case ast.Expr(ast.Call(ast.Name(name))) if name not in SHOWS:
                names = dict.fromkeys(names, CODE)  # a function may change what it likes
            case ast.Expr(ast.Constant() | ast.Name()):
                continue
            case ast.Expr(ast.Call(ast.Name())) if sum(map(acts, ast.walk(statement))) == 1:
                continue
        names |= dict.fromkeys(touched(statement, names), CODE)


def python_of(cell, lefts):
    """Return the lines of a cell without `%%time`; where others of IPython are in it, what IPython makes of them.

    That takes time, which is subtracted from the seconds in each list in `lefts` while there are any.
    """
    cell = re.sub(r"\A\s*%%(time|capture)\b.*", "", cell)
    start = time.thread_time()
    try:
        ast.parse(cell)
    except SyntaxError:
        # IPython looks for its lines again and again, from the beginning.
        if len(cell) <= LONGEST_CELL and cell.count("\n") <= MOST_LINES and min(map(min, lefts)) > 0:
            with suppress(Exception):  # which are of other kinds than Python's
                tree = ast.parse(TransformerManager().transform_cell(cell))  # "%%html" becomes a call with the cell
                tree.body = [statement for statement in tree.body if not changes_no_name(statement)]
                cell = ast.unparse(tree)
            for left in lefts:
                left[0] -= time.thread_time() - start
    except Exception:  # what a student wrote can be anything at all
        return ""
    return cell


def changes_no_name(statement):
    """Return whether a statement is a line for IPython that gives no name a value: a command, or a `HARMLESS` one."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Name("get_ipython"), []), method), arguments, [])):
            texts = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            known = method == "system" or (method == "run_line_magic" and [*texts, ""][0] in HARMLESS)
            # Within braces, IPython runs Python.
            return known and len(texts) == len(arguments) and not any("{" in text for text in texts)
    return False


def acts(node):
    """Return whether a node of a syntax tree may do something, beside standing for a value."""
    return isinstance(node, (ast.Call, ast.NamedExpr, ast.Await, ast.Yield))


def may_change_anything(tree):
    """Return whether a cell has what gives names other values without an assignment to them."""
    return any(
        isinstance(node, ast.Global) or (isinstance(node, ast.Name) and node.id in HIDDEN) for node in ast.walk(tree)
    )


def touched(statement, names):
    """Return the names that a statement may give other values, and those of lists in `names` that it may change."""
    found, lists = set(), [(name, value) for name, value in names.items() if isinstance(value, (list, tuple))]

    def same_as(name):
        return {other for other, value in lists if value is names.get(name)}

    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name):
                found |= same_as(name) if isinstance(node.ctx, ast.Load) else {name}
            case ast.AugAssign(target=ast.Name(id=name)):  # which changes a list itself
                found |= same_as(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                found.add(name)
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                found.update(several)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.ImportFrom(module="math" | "numpy", names=several):
                found |= {one.asname for one in several if one.asname not in (None, one.name)}
            case ast.Import(names=several) | ast.ImportFrom(names=several):
                found |= {one.asname or one.name for one in several if (one.name, one.asname) not in IMPORTED}
    return found


def has_dots(statement):
    """Return whether the three dots of an exercise are still all there is: alone, returned, or in a report."""
    match statement:
        case ast.FunctionDef(body=[ast.Return(value=value)]) | ast.Assign(value=value) | ast.AnnAssign(value=value):
            parts = value.values if isinstance(value, ast.Dict) else [value]
            return any(isinstance(part, ast.Constant) and part.value is ... for part in parts)
    return False


def plain(node, names):
    """Return the value of what is written out: numbers, texts, lists and sums of these; `CODE` of anything else."""
    try:
        return value_of(node, names)
    except (ArithmeticError, ValueError, TypeError, KeyError, RecursionError):
        return CODE


def value_of(node, names):
    """Return the value of a node of a syntax tree; ValueError or the like if it is not plain, or far too large."""
    match node:
        case ast.Constant(value=value):
            pass
        case ast.Name(id=name):
            value = names[name]
        case ast.Tuple(elts=parts):
            value = tuple(part_of(part, names) for part in parts)
        case ast.List(elts=parts):
            value = [part_of(part, names) for part in parts]
        case ast.UnaryOp(op=kind, operand=one):
            value = OPERATORS[type(kind)](number(one, names))
        case ast.BinOp(left=one, op=kind, right=other):
            value = OPERATORS[type(kind)](number(one, names), number(other, names))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(ast.Name(id=name)), args=[one], keywords=[]):
            if name in names or (isinstance(node.func, ast.Attribute) and name not in MODULES):
                raise ValueError
            value = CALLS[getattr(node.func, "attr", name)](number(one, names))
        case _:
            raise ValueError
    too_long = isinstance(value, (str, bytes)) and len(value) > LONGEST
    too_large = isinstance(value, (int, float)) and abs(value) > LARGEST
    if value is CODE or too_long or too_large or isinstance(value, complex):
        raise ValueError
    return value


def part_of(node, names):
    """Return the value of an element of a list; a list of lists that names stand for could be of any size."""
    value = value_of(node, names)
    if isinstance(node, ast.Name) and isinstance(value, (list, tuple)):
        raise ValueError
    return value


def number(node, names):
    """Return the value of a node that is a number: what is repeated or joined could grow without end."""
    value = value_of(node, names)
    if type(value) not in (int, float):
        raise TypeError
    return value
