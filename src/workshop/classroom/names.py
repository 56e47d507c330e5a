"""Whose a file is, from its name and folders, as people and platforms for teaching write them."""

import re
from collections import Counter
from operator import itemgetter
from os.path import commonprefix
from unicodedata import normalize

from handwriting.practice.overview import NOTEBOOKS
from handwriting.text import clean
from workshop.classroom.handed_in import DOCUMENTS, PAGES, WANTED
from workshop.runs.untrusted_files import without_ending

#: Moodle: "Doe Jane_12345_assignsubmission_file_/06_evaluate.ipynb", or all of it in the name of the file.
MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_", re.DOTALL)
#: Canvas: "doejane_LATE_123_4567_06_evaluate-1.ipynb", with the numbers of the student and of the file: not a year.
#: Texts and links have no number of a file: "doejane_123_text.html". Without names: "LATE_anon_x9Zq1_4567_...".
CANVAS = re.compile(
    r"(?:LATE_(?=anon_))?([^_]+)(?:_LATE)?_(\d{2,}|(?<=(?<![^\W_])anon_)[^\W_]{5})_"
    r"(?:(?!20[23]\d_)(\d{3,})_|(?=(?:text|link)(?:\.html)?$))"
)
DEEPEST = 20  # folders in which a platform's names are looked for
#: "Copy of", as Google writes it in the languages of Europe that put it first.
COPY = r"(?:c[oòó][\u0300\u0301]?p(?:y of|ie de|ia d[ei])|kopi[aeo]?(?: v[ao]n| a[fv])?|копия) "
#: What is not a name in "Jane Doe - 05_train.ipynb" (Google Classroom) or "Copy of 06_evaluate_jane.ipynb".
STAGE = re.compile(
    rf"(?:{COPY}){{0,3}}(?:0\d|10)[ _-]({'|'.join(NOTEBOOKS).replace('_', '[ _-]')})( ?\(\d+\))?", re.IGNORECASE
)
#: Of a run before the one that wrote the notebook of this name, perhaps downloaded twice.
EARLIER = re.compile(r"\.earlier(-\d+)?(?=( ?\(\d+\))?\.ipynb$)", re.IGNORECASE)
NUMBERED = re.compile(r" ?\(\d+\)$")
VERSION = re.compile(
    r"\(\d+\)|(?<![^\W_])((cop(y|i[ae])|kopi[ae]) ?\d*|checkpoint|earlier(-\d+)?|v ?\d+|(attempt|try) ?\d*|"
    r"version|final|latest|last|new|old|fixed|done)(?![^\W_])",
    re.IGNORECASE,
)


def split(place, canvas=()):
    """Return the folders of a path, the file's name, and what that says of whose it is: "" if nothing.

    `canvas` has the folders with files that Canvas named.
    """
    place = re.sub("(^|/)my_work/(runs/.*/)?", r"\1", EARLIER.sub("", place))  # as if it lay beside the work folder
    place = without_ending(place)
    for ending in PAGES:
        place = place.removesuffix(ending)
    *folders, stem = place.split("/")
    folders = tuple(one for one in folders if one.strip("."))
    before, dash, title = stem.rpartition(" - ")  # Google Classroom's: "Sarah New" is a name before it
    before, title = (before, title) if dash and STAGE.match(title) else ("", stem)
    rest = STAGE.sub("", title).strip(" _-.")
    of_any_version = f"{before} {VERSION.sub('', rest)}".strip(" _-.")
    rest = f"{before} {rest}".strip()
    numbered = folders in canvas and CANVAS.match(stem)  # all of one student's files begin with the same name
    return folders, stem, numbered[1] if numbered else of_any_version if folders or not of_any_version else rest


def path_of(place):
    """Return the folders of a path, and the file's name without its ending."""
    folders, stem, _ = split(place)
    return *folders, stem


def of_canvas(places):
    """Return the folders and archives which have files right in them that Canvas named, and whether they are a class's.

    Others write the like: "course_class_date_anna". So no two files may have the same number, nor may a notebook be
    there twice if all are one student's. Photos and notes may be called so, too. So a class has a notebook or an
    archive called so, and files of two students, unless it is the outermost folder, or the only archive in that.
    """
    found, outermost = {}, [()]
    tops = {place.partition("/")[0] for place in places if "/" in place or place.lower().endswith(WANTED)}
    if len(tops) == 1 and (top := tops.pop()).lower().endswith(".zip"):
        outermost.append((top,))
    for place in places:
        *folders, _ = path_of(place)
        for depth, part in enumerate((*folders, place.rpartition("/")[2])[:DEEPEST]):
            if CANVAS.match(part) and part.lower().endswith(WANTED):
                # As it is called if it was not saved twice.
                stem = VERSION.sub("", split(part)[1]).strip(" _-.")
                found.setdefault(tuple(folders[:depth]), {})[stem] = part
    canvas = {}
    for above, parts in found.items():
        names = {stem: CANVAS.match(part) for stem, part in parts.items()}
        is_one = len({name[2] for name in names.values()}) == 1
        files = {stem: name[3] for stem, name in names.items() if name[3]}
        different = set(map(stage_named, files)) if is_one else files
        if len(set(files.values())) == len(different) == len(files) > 0:
            is_notebook = any(not part.lower().endswith(DOCUMENTS) for part in parts.values())
            canvas[above] = is_notebook and (not is_one or above in outermost)
    return canvas


def named_by_platform(path, canvas):
    """Return the beginning of a path to where a platform wrote whose it is, with the student there; None if none did.

    That is the outermost such folder, archive or file: the student may have named what is in it.
    """
    for depth, part in enumerate(path[:DEEPEST]):
        can_be_canvas = canvas.get(path[:depth]) and (depth == len(path) - 1 or part.lower().endswith(".zip"))
        if found := MOODLE.match(part) or (can_be_canvas and CANVAS.match(part)):
            return *path[:depth], found.groups()[:2]
    return None


def from_platform(places, canvas):
    """Return, as keys, the paths into which a platform wrote whose the file is, so that there is such a student."""
    return dict.fromkeys(place for place in places if named_by_platform(path_of(place), canvas))


def first_of_each(places):
    """Return one path, the first, of each student that a platform may have named, and of each outermost folder."""
    found = {}
    for place in places:
        parts = place.split("/")[:DEEPEST]
        students = ((depth, MOODLE.match(part) or CANVAS.match(part)) for depth, part in enumerate(parts))
        depth, student = next(filter(itemgetter(1), students), (0, [parts[0]]))
        found.setdefault((*parts[:depth], student[0]), place)
    return list(found.values())


def stage_named(place):
    """Return the notebook that the name of a file says it is, such as "train"; None if it says nothing."""
    found = STAGE.search(split(place)[1])
    return found and re.sub("[ -]", "_", found[1].lower())


def folder_of(place):
    return "/".join(split(place)[0])


def is_nameless(place):
    return not split(place)[2]


def of_several(places):
    """Return the files without a name that only numbers tell apart, in the folder that all places are in.

    From five on, they are several people's: a browser calls attachments "01_load (1)", "01_load (2)".
    """
    parts, alike = {place: split(place) for place in places}, {}
    outermost = commonprefix([folders for folders, *_ in parts.values()])  # noqa: RUF071 (of tuples)
    for place, (folders, stem, name) in parts.items():
        if folders == outermost and not name:
            alike.setdefault(NUMBERED.sub("", stem), {}).setdefault(stem, []).append(place)
    return {place for stems in alike.values() if len(stems) > 4 for found in stems.values() for place in found}


def owners_of(places, canvas, several):
    """Return, by path, what is the same for all files of a student: folders, then the name in that of the file.

    A folder says whose the files in it are, not they; they tell people apart in it if they have different names.
    Two folders are two people's, however alike their names are. A name in those of files may be spelled in several
    ways, but they are of two people, such as Max and max, if their paths differ in capitals alone: many systems take
    only one. `canvas` and `several` are what `of_canvas` and `of_several` found.
    """
    parts, names = {place: split(place, canvas) for place in places}, {}
    counts = Counter(map(folded, parts))
    alike = {place for place in parts if counts[folded(place)] > 1}
    for place, (folders, _, name) in parts.items():
        names.setdefault(folders, set()).update([name if place in alike else spelled(name)] * bool(name))
    found, of_files = {}, {}
    for place, (folders, stem, name) in parts.items():
        if named := named_by_platform((*folders, stem), canvas):
            found[place] = named
        elif not folders or place in several or (name and len(names[folders]) > 1):
            of_files[place] = (*folders, name or stem)
        else:
            found[place] = folders
    spellings = {}
    for one in found.values():
        spellings.setdefault(key(one), set()).add(one)
    first = {key(one): one for (one, *more) in spellings.values() if not more}
    apart = {key(of_files[place]) for place in alike & of_files.keys()}
    for place, one in of_files.items():
        found[place] = one if key(one) in apart else first.setdefault(key(one), one)
    return found


def key(owner):
    """Return what all spellings of a student's name in files share, and their folders."""
    *folders, name = owner
    return *folders, spelled(name) if isinstance(name, str) else name


def spelled(name):
    """Return what all spellings of a name share: accents, capitals, marks between words."""
    return re.sub(r"[\s_-]+", " ", normalize("NFC", name.lower()))


def folded(name):
    """Return what names share that many file systems and spreadsheets take for the same one."""
    return normalize("NFC", name.casefold())


def names_of(owners):
    """Return what to call each of these owners, without the folders that all are in."""
    names = {owner: owner for owner in owners}
    while len(names) > 1 and len(above := {name[:-1][:1] for name in names.values()}) == 1 and any(above):
        names = {owner: name[1:] for owner, name in names.items()}
    return {owner: clean("/".join(map(text_of, name))) or "no name" for owner, name in names.items()}


def text_of(part):
    """Return a folder, or a student on a platform, as people call it."""
    if isinstance(part, str):
        return re.sub(r"\.zip$", "", part, flags=re.IGNORECASE)
    is_hidden = part[0].lower() in ("participant", "anon")  # from the grader
    return " ".join(part) if is_hidden else part[0]
