"""A table of what a class did, for a spreadsheet."""

import csv
import io

from handwriting.errors import UserError
from handwriting.paths import digest, given_path, whole_file
from handwriting.text import clean
from workshop.runs.written import cell

#: How the class's page names the table that was written with it: only that table is replaced.
NOTE = '<meta name="grades" content="{}">'


def rows_of(submissions, exercises):
    """Return a row for each student as a dictionary."""
    rows = []
    for one in submissions:
        row = {
            "name": one.name,
            "notebooks": one.numbers,
            "exercises tried": "" if one.exercises is None else one.count("done", "not right yet"),
            "exercises done": "" if one.exercises is None else one.count("done"),
            "exercises in all": len(exercises),
            "predictions": len(one.predictions),
            "test accuracy": "" if one.accuracy is None else round(one.accuracy, 4),
            "tested on": one.data_label,
            "doubts": "; ".join(
                one.doubts
                + ([f"the same run as {one.copy_of.name}"] if one.copy_of else [])
                + ([one.why_empty] if one.is_empty else [])
            ),
        }
        if one.asked:
            row |= {"answers confirmed": one.asked.agree, "answers not confirmed": len(one.asked.otherwise)}
            row |= {"answers not checked": (one.asked.unchecked + one.asked.stopped).total()}
        rows.append(row)
    return rows


def table_of(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({cell(name): cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def write_table(path, text, page, say):
    """Write the table; another one stays, under another name, unless the class's page says that it was written so."""
    path = given_path(path)
    if path.suffix.lower() != ".csv":
        raise UserError(f'A table needs a name that ends in .csv; you gave "{clean(str(path))}" as --csv.')
    try:
        before = digest(path.read_bytes().decode("utf-8-sig", "replace")) if path.is_file() else ""
        noted = page.read_text("utf-8", "replace")[:5000] if page.is_file() else ""
        ours = before and NOTE.format(before) in noted
        with whole_file(path, lambda: ours, say) as part:
            part.write_bytes(text.encode("utf-8-sig"))  # with a mark, without which Excel garbles names
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}). Choose another --csv.") from None
