"""What students hand in, checked: results, exercises, predictions, whose they are, and what does not fit together."""

from collections import Counter

from handwriting.data.class_folders import natural
from handwriting.practice.overview import NOTEBOOKS
from handwriting.text import clean
from workshop.classroom.handed_in import EMPTY, EXPORTED, read_files
from workshop.classroom.names import (
    EARLIER,
    first_of_each,
    folded,
    folder_of,
    from_platform,
    is_nameless,
    names_of,
    of_canvas,
    of_several,
    owners_of,
    stage_named,
)
from workshop.classroom.one_submission import Submission, submission_of
from workshop.runs.untrusted_files import Skipped, without_ending

NO_RESULT = "it holds no result of notebook 6: was that run to the end, or is it another notebook?"
NOTHING = "it is notebook {}, and shows neither exercises nor predictions: was it run to the end?"
TRAINED = "it is notebook 5, or a trial of it: ask for notebook 6, saved after all its cells were run"
#: The class's page in the folder of the submissions, without names and with them.
CLASS_PAGES = ("class-without-names.html", "class.html")


def read_submissions(folder, exercises):
    """Return all that was handed in, in a folder or zip archive: lists of `Submission`, sorted by name, and `Skipped`.

    `exercises` are the names of those there are.
    """
    read, others = [], []

    def use(file):
        one = submission_of(file, exercises)
        (others if one.accuracy is None or is_trial(one) else read).append((one, file.is_page))

    skipped, unknown = read_files(folder, CLASS_PAGES, use)
    unknown = first_of_each(unknown)
    good = [one.place for one, _ in read + others]
    places = [*good, *(one.path for one in skipped), *unknown]
    canvas, several = of_canvas(places), of_several(good)
    named = from_platform(places, canvas)
    owners = owners_of([*good, *named], canvas, several)
    for one, _ in read + others:
        one.owner = owners[one.place]
    last = [one for one, _ in read + others if not EARLIER.search(one.place) and not is_trial(one)]
    later = {(whose, *one.stages) for one in last for whose in (one.owner, folder_of(one.place))}
    read, others = (without_pages(without_earlier(found, later, skipped)) for found in (read, others))
    # What a student put into a folder beside the notebook is not missed; in the class's own folder it may be.
    homes = {folder_of(one.place) for one in read} - {""}
    skipped = [
        one
        for one in skipped
        if one.reason != EXPORTED or one.path in owners or one.path.rpartition("/")[0] not in homes
    ]
    read += use_others(read, others, skipped, several)
    read, skipped = with_all_students(read, skipped, unknown, owners, named)
    tell_data_apart(read)
    mark_copies(read)
    name_all(read)
    skipped = [Skipped(clean(one.path), one.reason) for one in skipped]
    return sorted(read, key=lambda one: natural(one.name)), sorted(skipped, key=lambda one: natural(one.path))


def with_all_students(read, skipped, unknown, owners, named):
    """Return the submissions, also of students whom only a platform's name of a file knows, and what was skipped.

    The paths of those are `named`. Of the files of `unknown` kinds, those count as skipped in whose place nothing else
    was handed in.
    """
    found = {one.owner for one in read}
    skipped = [one for one in skipped if one.reason != EXPORTED or owners.get(one.path) not in found]
    known = found | {owners.get(one.path) for one in skipped}
    places = {one.place.partition("/")[0] for one in read} | {one.path.partition("/")[0] for one in skipped}
    for place in unknown:
        first, is_within, _ = place.partition("/")
        tells, is_folder = is_within or stage_named(place), place.endswith("/")
        if owners[place] not in (known if is_folder else found) if place in owners else tells and first not in places:
            skipped.append(Skipped(place, EMPTY if is_folder else EXPORTED))
            places.add(first)
            known.add(owners.get(place))
    for place in (one.path for one in skipped):
        if place in named and owners[place] not in found:
            found.add(owners[place])
            read.append(Submission(place, owner=owners[place], is_empty=True))
    return read, skipped


def is_trial(one):
    """Return whether a submission is of a sweep of the student's own."""
    return "/my_work/runs/" in f"/{one.place}"


def without_earlier(found, later, skipped):
    """Return the submissions of (submission, whether of a page) but those of runs before others, which are `skipped`.

    `later` has whose or in which folder notebooks of later runs are, and which. Of two earlier ones, the last counts.
    """
    earlier, late = [one for one, _ in found if EARLIER.search(one.place)], set()
    for one in sorted(earlier, key=lambda one: int(EARLIER.search(one.place)[1] or 0)):  # "-2", "-1", ""
        whose = {(one.owner, *one.stages)}
        if is_nameless(one.place) and folder_of(one.place):
            whose.add((folder_of(one.place), *one.stages))
        if whose & later:
            skipped.append(Skipped(one.place, "it is of an earlier run than the notebook of that name"))
            late.add(one.place)
        later |= whose
    return [pair for pair in found if pair[0].place not in late]


def without_pages(found):
    """Return the submissions of (submission, whether of a page); notebooks that show anything take their pages'."""
    notebooks, left = {}, []
    for one, is_page in found:
        if not is_page and (one.exercises or one.predictions or one.accuracy):
            notebooks.setdefault((one.owner, *one.stages), one)
    for one, is_page in found:
        if is_page and (notebook := notebooks.get((one.owner, *one.stages))):
            notebook.take(one)
        else:
            left.append(one)
    return left


def use_others(read, others, skipped, several):
    """Give each submission what is the same student's; return one for each student without a notebook 6.

    A notebook without a name is that of the only submission in its folder, unless it is one of `several`. Those that
    show nothing go to `skipped`.
    """
    owners, beside, alone = {}, {}, {}
    for one in read:
        owners.setdefault(one.owner, []).append(one)
        beside.setdefault(folder_of(one.place), []).append(one)
    for one in others:
        is_alone = is_nameless(one.place) and one.place not in several
        neighbours = beside.get(folder_of(one.place), []) if is_alone else []
        found = owners.get(one.owner) or (neighbours if len(neighbours) == 1 else [])
        if found and (one.stages or one.exercises is not None or one.predictions):
            found[0].take(one)
        elif one.exercises is None and not one.predictions and one.accuracy is None:
            number = [*NOTEBOOKS].index(*one.stages) + 1 if one.stages else 0
            reason = TRAINED if number == 5 else NOTHING.format(number) if number else NO_RESULT
            skipped.append(Skipped(one.place, reason))
        elif one.owner in alone:
            alone[one.owner].take(one)
            alone[one.owner].fingerprint += one.fingerprint
        else:
            alone[one.owner] = one
    return list(alone.values())


def tell_data_apart(read):
    """Add the fingerprint to the name of data that is not the same as other data of that name."""
    known = {}
    for one in read:
        known.setdefault(one.data_label, set()).add(one.data_fingerprint)
    for one in read:
        if len(known[one.data_label] - {None}) > 1 and one.data_fingerprint:
            one.data_label += f" ({one.data_fingerprint})"


def mark_copies(submissions):
    """Note in each submission with the run of another one which has it first."""
    first = {}
    for one in submissions:
        if one.accuracy is not None and first.setdefault(one.fingerprint, one) is not one:
            one.copy_of = first[one.fingerprint]


def name_all(submissions):
    """Give each submission a different name, also for a spreadsheet: from the file, its folder, or both."""
    names = names_of({one.owner for one in submissions})
    counts, taken = Counter(folded(names[one.owner]) for one in submissions), Counter()
    for one in submissions:
        name = names[one.owner]
        if counts[folded(name)] > 1:
            name = clean(without_ending(one.place))
        taken[folded(name)] += 1
        count = taken[folded(name)]
        one.name = name if count == 1 else f"{name} [{count}]"
