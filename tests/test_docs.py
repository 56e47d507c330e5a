"""What the documents promise is true: the guide's map, its minutes, the glossary's entries, every link."""

import re
from functools import cache

import pytest
from build_notebooks import SOURCES, read_source
from conftest import ROOT
from minutes import CELLS, EXERCISE, PLAYGROUND, PREDICTION, WORDS, exercise_minutes, parts
from worksheet import WORKSHEET, worksheet

from handwriting.practice import exercises
from workshop.publish.deck import slides_of
from workshop.questions import CHOICE

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
INSTRUCTOR = sorted((ROOT / "docs").glob("instructor-*.md"))
OBJECTIVES, PLANS, NEEDS = (
    (ROOT / "docs" / f"instructor-{name}.md").read_text(encoding="utf-8")
    for name in ("objectives", "plans", "many-students")
)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def plain(text):
    """Return markdown without marks and links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "").replace("`", "")


@cache
def markdown(path):
    """Return the text of a notebook's markdown cells."""
    return "\n".join(cell.source for cell in read_source(path).cells if cell.cell_type == "markdown")


@cache
def prose(path):
    """Return what a notebook says, without its line of links and without code."""
    lines = [line for line in markdown(path).splitlines() if not re.match("Next:|.*→ .*\\]\\(", line)]
    return plain(re.sub(r"```.*?```|`[^`]*`", "", "\n".join(lines), flags=re.DOTALL))


def anchors(text):
    """Return the anchors of a document's headings, as GitHub, JupyterLab and our pages make them."""
    return {found[1].strip().lower().replace(" ", "-") for found in re.finditer(r"^#+ (.+)$", text, re.MULTILINE)}


def map_rows():
    """Return the guide's map: (notebook's number, objective, exercises)."""
    return [(int(number), goal, re.findall(r"`([\w.]+)`", asked)) for number, goal, asked in rows(OBJECTIVES)]


def test_the_map_has_every_objective_of_every_notebook():
    wanted = []
    for source in SOURCES:
        opening = markdown(source).partition("**You will**")[2].partition("**Time:**")[0]
        wanted += [(int(source.stem[:2]), plain(goal)) for goal in re.findall(r"^- (.+)$", opening, re.MULTILINE)]
    assert [(number, plain(goal)) for number, goal, _ in map_rows()] == wanted


def test_the_map_has_every_exercise_at_its_stage():
    stages = [source.stem[3:] for source in SOURCES]
    for number, goal, asked in map_rows():
        assert asked, f"nothing shows whether they can {goal}"
        assert {name.partition(".")[0] for name in asked} == {stages[number - 1]}
    assert {name for _, _, asked in map_rows() for name in asked} == set(exercises())


def rows(text):
    """Return the cells of a markdown table's rows, of all tables in a text, without their heads."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    heads = [place for place, cells in enumerate(lines) if set("".join(cells)) <= set("-: ")]
    return [cells for place, cells in enumerate(lines) if place not in heads and place + 1 not in heads]


def seconds(number):
    """Return the seconds that the computer works on a notebook, or those of its processor: what the table has."""
    wall, processor = next(cells[1:3] for cells in rows(NEEDS) if cells[0].startswith(f"{number} "))
    return float(processor if wall == "–" else wall)


def test_the_plans_say_how_their_minutes_are_counted():
    said = [cells[-1] for cells in rows(PLANS.partition("## 90 minutes")[0])]
    kinds = [EXERCISE[kind] for kind in ("Choice", "Array", "Function", "Report", "Program")]
    assert said == [str(minutes) for minutes in (1, 1, PREDICTION, PLAYGROUND, *kinds)]
    assert WORDS == 150 and CELLS == 3 and "reading 150 words" in PLANS and "running three cells" in PLANS
    assert EXERCISE["Choice"] == EXERCISE["Number"] == EXERCISE["Shape"] and EXERCISE["Array"] == EXERCISE["Order"]


PLANNED = {"90 minutes": 90, "3 hours": 180, "Two lessons of 45 minutes": 90, "One week of homework": 240}


@pytest.mark.parametrize(("heading", "total"), PLANNED.items(), ids=PLANNED)
def test_a_plan_adds_up_to_what_the_notebooks_need(heading, total):
    at = 0
    for minutes, span, what, reading, practice, talk, left_out in rows(
        PLANS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    ):
        stated = [int(re.match(r"\d+", cell)[0]) for cell in (reading, practice, talk)]
        assert int(minutes) == sum(stated) and span == f"{at}–{at + int(minutes)}", what
        at += int(minutes)
        if number := re.match(r"\d", what):
            needed = needed_minutes(int(number[0]), re.findall(r"\*([^*]+)\*", left_out), practice)
            assert abs(needed[0] - stated[0]) <= 1.5, f"{what}: reading takes {needed[0]:.1f} minutes"
            assert needed[1] == stated[1], f"{what}: these exercises take {needed[1]} minutes"
    assert at == total


def runs(numbers):
    """Return numbers as people write them: "2, 4–6"."""
    groups = []
    for number in numbers:
        if groups and groups[-1][-1] == number - 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join("–".join(map(str, dict.fromkeys((one[0], one[-1])))) for one in groups)


@pytest.mark.parametrize("heading", [*PLANNED][:3])
def test_a_plan_says_which_slides_to_show_and_which_questions_to_cross_out(heading):
    plan = PLANS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    planned = {cells[2][0]: (cells[6], cells[4]) for cells in rows(plan)}
    shown, crossed_out = [], []
    for number, source in zip("123456", SOURCES, strict=False):
        left_out, practice = planned.get(number, ("", ""))
        parts_left_out, slides = re.findall(r"\*([^*]+)\*", left_out), slides_of(read_source(source))
        if number not in planned:
            crossed_out.append(f"{number} all")
            continue
        without = [*parts_left_out, *([] if "`" in practice else ["Practice"])]
        shown.append(f"{number}: {runs(place for place, one in enumerate(slides, 1) if one.part not in without)}")
        asked = [one.headline for one in slides if CHOICE.search(one.text) and one.part in parts_left_out]
        crossed_out += [f"{number} " + ", ".join(f"*{headline}*" for headline in asked)] if asked else []
    lines = [f"**Slides to show:** {'; '.join(shown)}.\n"]
    lines += [f"**Cross out on the [worksheet](worksheet.html):** {'; '.join(crossed_out)}.\n"] if crossed_out else []
    lines = "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
    assert lines in plan, f"these are the lines now:\n\n{lines}"


def needed_minutes(number, left_out, practice):
    """Return the minutes for the parts of a notebook that are not left out, and for the exercises that are named."""
    of_parts, of_exercises = parts(number), exercise_minutes(number)
    assert set(left_out) <= set(of_parts), f"notebook {number} has no {set(left_out) - set(of_parts)}"
    read = sum(minutes for heading, minutes in of_parts.items() if heading not in left_out) + seconds(number) / 60
    named = re.findall(r"`(\w+)`", practice)
    chosen = set(of_exercises) - set(named) if "all" in practice else named
    return read, sum(of_exercises[name] for name in chosen)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_states_its_minutes_to_the_nearest_five_and_so_does_the_readme(source):
    number = int(source.stem[:2])
    stated = [int(minutes) for minutes in re.search(TIME, markdown(source)).groups()]
    needed = sum(parts(number).values()) + seconds(number) / 60, sum(exercise_minutes(number).values())
    for said, minutes in zip(stated, needed, strict=True):
        assert said % 5 == 0 and abs(said - minutes) <= 3.5, f"{source.stem} takes {minutes:.1f} minutes, not {said}"
    (row,) = [cells for cells in rows(README) if f"notebooks/{source.stem}.ipynb" in cells[0]]
    assert row[-1] == str(stated[0])


TIME = r"\*\*Time:\*\* (\d+) minutes, and (\d+) for the exercises"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_adds_the_minutes_of_the_six_stages():
    stated = [re.search(TIME, markdown(source)).groups() for source in SOURCES[:6]]
    reading, practice = (sum(map(int, column)) for column in zip(*stated, strict=True))
    assert f"That makes {reading} minutes" in README and f"and {practice} for the exercises" in README


def test_the_worksheet_is_made_from_the_sources():
    page = WORKSHEET.read_text(encoding="utf-8")
    assert page == worksheet(map(read_source, SOURCES)), "run `make notebooks`"
    asked = re.findall(r'predict\("', "".join(source.read_text(encoding="utf-8") for source in SOURCES))
    assert page.count("<h3>") == len(asked) and page.count("<svg") == 3
    assert "](" not in page and "http" not in page.replace("http://www.w3.org/2000/svg", ""), "paper has no links"


@pytest.mark.parametrize("path", INSTRUCTOR, ids=lambda path: path.stem)
def test_the_instructors_pages_are_short_and_plain(path):
    text = re.sub(r"```.*?```|^\|.*$|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert grade(plain(text)) <= 8
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 130


def test_the_guide_leads_to_each_of_its_pages():
    guide = (ROOT / "docs" / "instructor-guide.md").read_text(encoding="utf-8")
    assert {path.name for path in INSTRUCTOR} - {"instructor-guide.md"} <= set(LINK.findall(guide))


def test_instructors_are_told_only_of_exercises_that_exist():
    stages = "|".join(source.stem[3:] for source in SOURCES)
    named = re.findall(rf"`((?:{stages})\.\w+)`", "".join(path.read_text(encoding="utf-8") for path in INSTRUCTOR))
    assert named and set(named) <= set(exercises())


def test_an_exercise_stands_beside_its_number_in_the_notebook():
    told = [(number, name) for _, _, asked in rows(OBJECTIVES) for number, name in re.findall(r"(\d) `(.+?)`", asked)]
    stages = [source.stem[3:] for source in SOURCES]
    for cells in rows(PLANS.partition("## 90 minutes")[2]):
        found = re.findall(r"(\d) `(\w+)`", cells[4] if len(cells) == 7 else "")
        told += [(number, f"{stages[int(cells[2][0]) - 1]}.{name}") for number, name in found]
    assert len(told) > 60
    for number, name in told:
        stage, _, short_name = name.partition(".")
        source = next(source for source in SOURCES if source.stem[3:] == stage)
        cells = read_source(source).cells
        (place,) = (place for place, cell in enumerate(cells) if f"practice.{short_name}.check(" in cell.source)
        assert cells[place - 1].source.startswith(f"**Exercise {number}: "), name


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "docs" / "instructor-colab.md", SOURCES[0]], ids=str)
def test_whoever_opens_colab_is_told_to_save_a_copy_first(path):
    text = path.read_text(encoding="utf-8")
    assert re.search(r"\*File, Save a copy in\W+Drive", text) and re.search(r"work\W+is\W+lost", text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in LINK.findall(re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        other = path if not file else (path.parent / file)
        assert other.exists(), f"{path.name} links to {file}, which is not there"
        if anchor:
            assert anchor in anchors(other.read_text(encoding="utf-8")), f"{path.name}: nothing is called {target}"


@pytest.mark.parametrize("package", ["handwriting", "workshop"])
def test_the_map_of_the_house_has_every_module(package):
    house = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```")[1]
    rooms = house.partition(f"src/{package}/")[2].partition("\nsrc/" if package == "handwriting" else "\ntests/")[0]
    paths = [path for path in (ROOT / "src" / package).iterdir() if not path.name.startswith("__")]
    there = {path.stem + ("/" if path.is_dir() else "") for path in paths}
    assert there == {word for word in re.findall(r"\w+/?", rooms) if word in there}
    assert {word for word in re.findall(r"^  (\w+/)", rooms, re.MULTILINE)} <= there


def test_the_map_of_the_house_has_every_tool():
    house = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```")[1]
    tools = {path.stem for path in (ROOT / "tools").glob("*.py")} - {"quick_start"}
    assert tools <= set(re.findall(r"\w+", house.partition("\ntools/")[2]))


@cache
def entries():
    """Return the glossary: term to (text, number of the notebook where it first appears)."""
    found = {}
    for part in GLOSSARY.split("\n## ")[1:]:
        term, _, rest = part.partition("\n")
        first = re.search(r"^First in: \[\d+ [\w ]+\]\(\.\./notebooks/(\d\d)_\w+\.ipynb\)\.$", rest, re.MULTILINE)
        assert first, f"{term} does not say where it first appears"
        found[term] = (rest[: first.start()].strip(), int(first[1]))
    return found


def occurs(term, text):
    """Return whether a text has a term, also as a plural, at the beginning of a sentence, or as a verb."""
    ending = r"(s|es|d|ed|ing|ning|tening|tened)?"
    stem = term[:-1] if term.endswith("e") else term
    return re.search(rf"\b{re.escape(stem)}e?{ending}\b", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_images_are_there_and_described(path):
    for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        assert len(alt.split()) >= 5 and (path.parent / target).is_file(), f"{target}: {alt}"


@pytest.mark.parametrize("term", entries())
def test_a_term_is_used_where_the_glossary_says_first(term):
    explained, first = entries()[term]
    where = [number for number, source in enumerate(SOURCES, start=1) if occurs(term, prose(source))]
    assert where, f"no notebook uses {term}"
    assert where[0] == first
    assert 5 <= len(plain(explained).split()) <= 70


def test_the_glossary_is_in_order_and_has_all_new_words():
    terms = list(entries())
    assert terms == sorted(terms, key=str.lower)
    known = {term.lower() for term in terms}
    for source in SOURCES:
        words = re.search(r"new words:\*\* (.+)\.", markdown(source))[1]
        missing = {word.strip().lower() for word in plain(words).split(",")} - known
        assert not missing, f"{source.stem} introduces {missing}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_links_each_term_that_first_appears_in_it(source):
    linked = re.findall(r"\]\(\.\./docs/glossary\.md#([\w-]+)\)", markdown(source))
    assert len(set(linked)) == len(linked), "one link for each term is enough"
    here = {term.lower().replace(" ", "-") for term, (_, first) in entries().items() if first == int(source.stem[:2])}
    assert set(linked) == here


def syllables(word):
    """Return about how many syllables an English word has: its groups of vowels, without a silent e at the end."""
    groups = re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])(e|es|ed)$", "", word.lower()))
    return max(1, len(groups))


def grade(text):
    """Return the school grade that a text asks for, by the formula of Flesch and Kincaid (1975)."""
    sentences = [part for part in re.split(r"[.!?]+[)*'\"]*\s|\n\n+|\n- ", text) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z]+(?:['’-][A-Za-z]+)*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_of_reading_tells_plain_from_learned_prose():
    plain_text = "The cat sat on the mat. It was glad to be there. Then the dog came."
    learned = "Notwithstanding considerable institutional opposition, the committee promulgated comprehensive rules."
    assert grade(plain_text) < 2 < 15 < grade(learned)
    words = {"picture": 2, "network": 2, "digit": 2, "made": 1, "idea": 2, "probability": 5}
    assert {word: syllables(word) for word in words} == words


def test_the_notebooks_read_like_a_book_for_fourteen_year_olds(record_property):
    grades = {source.stem: round(grade(prose(source)), 1) for source in SOURCES}
    record_property("Flesch-Kincaid grades", grades)
    assert sum(grades.values()) / len(grades) <= 8, grades
    assert max(grades.values()) <= 8, grades
