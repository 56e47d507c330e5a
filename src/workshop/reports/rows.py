"""One row for each run: what the results of its notebooks say together."""

import os
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from handwriting.errors import RecordError
from handwriting.parameters import BUILT_IN
from handwriting.paths import before_moved
from handwriting.text import LONGEST_DATA, clean
from workshop.runs import EARLIER, FAILED
from workshop.runs.record import STAGES, cell_failed, passed_to, result_of, run_of, seconds_of
from workshop.runs.untrusted_files import read_notebook, without_ending
from workshop.runs.written import noted

#: What runs measure, in the order of the table; "seconds" is how long all notebooks of a run took.
MEASURES = (
    *("test_accuracy", "test_loss", "validation_accuracy", "validation_loss", "training_accuracy", "training_loss"),
    *("parameter_count", "seconds_to_fit", "seconds", "peak_memory_mb"),
)
#: Columns that are not parameters. "data" is like one: it decides the accuracy as much.
COLUMNS = ("run", "notebook", "data", "data_fingerprint", *MEASURES)
HIDDEN = ("link", "curve", "data_path")  # what else is known of a run
LONGEST = 1000  # characters of a name
#: Which part of a fingerprint or a path is shown, if that is enough.
PARTS = {"data_fingerprint": (slice(8), slice(None)), "data_path": (slice(-25, None), slice(None))}


def home_of_trials(where, homes):
    """Return the folder of trials that a folder is, or lies in; None if there is none. `homes` are those known."""
    parts = where.split("/")
    above = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return next((folder for folder in above if folder in homes or f"/{folder}".endswith("/my_work/runs")), None)


def runs_in(root, where, places, skipped, homes):
    """Return a row for each run in one folder; add to `homes` the folders of runs that notebooks made themselves."""
    groups, unfinished, unusable, seconds, ends, failed = [], [], False, {}, {}, None
    for place in places:
        try:
            notebook = read_notebook(root / place, root)
            result = result_of(notebook)
        except RecordError as reason:
            skipped.append((clean(place, LONGEST), str(reason)))
            unusable = True
            continue
        run = run_of(notebook)
        written_as = PurePosixPath(str(run.get("output_path") or "").replace("\\", "/")).name
        path = PurePosixPath(place)
        name_now, before = path.name, before_moved(path)
        if (before or path).name.endswith(EARLIER) and written_as != name_now:
            skipped.append((clean(place, LONGEST), "it is of an earlier run: the last one did not get so far"))
            continue
        has_moved = before and written_as not in ("", name_now)
        if has_moved and (before.name == FAILED or (before.name == written_as and str(before) in places)):
            skipped.append((clean(place, LONGEST), "an earlier notebook, which was kept under another name"))
            continue
        ends[place] = str(run.get("end_time") or "")
        if name_now == FAILED and written_as not in ("", FAILED):
            failed = ends[place]
            unfinished.append(f"{name_now} (a cell failed)")
            continue
        if result is None and "results.csv" in noted(notebook):
            continue  # a report, which somebody changed or which is of a folder within this one
        seconds[place] = seconds_of(notebook) or 0
        home = os.path.normpath(root / where / str(passed_to(notebook).get("work_dir", "my_work")) / "runs")
        if Path(home).is_relative_to(root / where):
            homes.add(Path(home).relative_to(root).as_posix())
        if result is None:
            unfinished.append(place.rpartition("/")[2] + (" (a cell failed)" if cell_failed(notebook) else ""))
            continue
        # The results of 05 and 06 are of one run unless they contradict each other.
        group = next((group for group in groups if all(agree(other, result) for other in group.values())), {})
        if not group:
            groups.append(group)
        group[place] = result
    series = [group for group in groups if any(result.stage in STAGES for result in group.values())]
    if series:
        beside = [place for group in groups if group not in series for place in group]
        reason = "its result is not that of notebook 5 or 6, beside which it lies"
        skipped += [(clean(place, LONGEST), reason) for place in beside]
        groups = series
    name = where or root.name or "this folder"
    if failed is not None and groups and failed >= max(ends[place] for group in groups for place in group):
        skipped.append((clean(name, LONGEST), f"its last run failed ({FAILED}), so its result is an older one"))
        return []
    if unfinished and not groups and not unusable:
        skipped.append((clean(name, LONGEST), f"unfinished: no result in {clean(', '.join(unfinished), 100)}"))
    if len(groups) == 1:
        return [row_of(name, groups[0], sum(seconds.values()))]
    return [row_of(None, group, sum(seconds[place] for place in group)) for group in groups]


def agree(one, other):
    mine, its = one.parameters, other.parameters
    pairs = [(one.data, other.data), (one.data_fingerprint, other.data_fingerprint)]
    pairs += [(mine[name], its[name]) for name in mine.keys() & its.keys() - {"data", "source"}]
    stages = {one.stage, other.stage}
    return stages == {*STAGES} and all(None in pair or pair[0] == pair[1] for pair in pairs)


def row_of(name, results, seconds):
    place = next((place for place, result in results.items() if result.stage == "evaluate"), next(iter(results)))
    row = {"run": clean(name or without_ending(place), LONGEST), "notebook": clean(place, LONGEST)}
    row |= {"link": quote(os.fsencode(place)), "curve": None, "seconds": round(seconds, 3) or None}
    if results[place].stage not in STAGES:
        row["program"] = clean(without_ending(PurePosixPath(place).name), LONGEST)  # like a parameter
    for result in results.values():
        row |= {column(name): plain(value) for name, value in result.parameters.items() if name != "data"}
        given = result.parameters.get("data")  # what was passed: a name, or a path, which may be anything
        row |= {"data_path": str(given)} if given not in (None, "auto", *BUILT_IN) else {}
        memory = max(row.get("peak_memory_mb") or 0, result.peak_memory_mb or 0)  # each notebook has its own kernel
        row |= result.model_dump(include={"data", "data_fingerprint", *MEASURES}, exclude_none=True)
        row |= {"peak_memory_mb": memory} if memory else {}
        row["curve"] = row["curve"] or result.curve
    return row


def tell_apart(rows):
    """Where data of one name is not the same, add its fingerprint to the name; where none is known, its path.

    And leave out which program a result is of, if all are of the same.
    """
    if len({row.get("program") for row in rows}) == 1:
        for row in rows:
            row.pop("program", None)
    names = {}
    for row in rows:
        row.setdefault("data", clean(row["data_path"], LONGEST_DATA) if "data_path" in row else None)
        names.setdefault(row["data"], []).append(row)
    for name, same in names.items():
        key = "data_fingerprint" if any("data_fingerprint" in row for row in same) else "data_path"
        found = {str(row[key]) for row in same if key in row}
        # As short as they can be told apart: of fingerprints the beginning, of paths the end.
        part = next(part for part in PARTS[key] if len({text[part] for text in found}) == len(found))
        for row in same if len(found) > 1 else ():
            row["data"] = f"{clean(name or 'data', 25)} ({str(row[key])[part]})" if key in row else name


def column(parameter):
    taken = parameter in (*COLUMNS, *HIDDEN, "runs", "program") or parameter.endswith(" spread")
    return f"parameter {parameter}" if taken else parameter


def plain(value):
    """Return the value of a parameter for the table: true is not 1, so it is a text there."""
    return str(value).lower() if isinstance(value, bool) else value
