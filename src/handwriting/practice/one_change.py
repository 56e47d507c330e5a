"""The last exercise of each notebook: change one thing, and report what came out with both values."""

import json
import re
from functools import cache

from handwriting.data.dataset import last_name
from handwriting.errors import DataError, ParameterError
from handwriting.load import SOURCES, check_source, load_path
from handwriting.parameters import PARAMETERS, check, nearest
from handwriting.paths import given_path
from handwriting.practice.answers import in_words, numbers_in, plain_number, short_text
from handwriting.practice.engine import Exercise
from handwriting.practice.feedback import Feedback
from handwriting.results import RESULTS

#: A number that is not an accuracy: of a loss, or of seconds.
OTHERS = re.compile(r"\bloss\b(?! of)\D{0,20}[\d.]+|[\d.]+\s*(s|sec|seconds?|min|minutes?)\b", re.IGNORECASE)
#: A part of a hundred images or more, such as "9776 of 10,000".
SHARE = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)* (?:out )?of (?:the )?\d+(?:[.,]\d+)*(?!\w)")
KEYS = ("parameter", "before", "after", "saw")
AUTOMATIC = ("mnist", "stand-in")  # what "auto" may be


class Report(Exercise):
    """The answer is what a student changed and saw: {"parameter": ..., "before": ..., "after": ..., "saw": ...}.

    There is no single right answer, so no `truth`: one change, two values, and a sentence with a result for each.
    `may_change` names everything that can be changed in this notebook: its parameters, and names of its cells; `ranges`
    has the smallest and the largest value of those numbers that are not in `handwriting.parameters.PARAMETERS`; if
    these two are whole numbers, so are the values. `accuracies` says whether the two results are accuracies, and
    `example` has the four values of a report that is right.
    """

    accepts = 'Write it as `{"parameter": ..., "before": ..., "after": ..., "saw": ...}`.'

    def __init__(self, *, may_change, example, ranges=None, accuracies=False, **parts):
        lines = [f'    "{key}": {json.dumps(value)},' for key, value in zip(KEYS, example, strict=True)]
        super().__init__(solution="\n".join(["one_change = {", *lines, "}"]), **parts)
        self.may_change, self.ranges, self.accuracies = may_change, ranges or {}, accuracies

    def read(self, answer):
        if not isinstance(answer, dict):
            return self.wrong_form(answer)
        for key in KEYS:
            if key not in answer:
                return Feedback("wrong", f"There is no `{key}` in your report. {self.accepts}")
        changed, saw = answer["parameter"], answer["saw"]
        try:
            self.check_name(changed)
            values = [self.value_of(changed, answer[key]) for key in ("before", "after")]
            loaded = last_name("mnist")
            same = {"auto", loaded if loaded in AUTOMATIC else "mnist"} if changed == "data" else set()
            if values[0] == values[1] or same.issuperset(values):
                raise ParameterError(
                    "Before and after are the same value, so nothing was changed. Which two did you try?"
                )
            check_sentence(saw)
            saw = with_shares(saw, values)
            check_results(saw, values, self.accuracies)
            check_measured(saw, changed, values, self.accuracies)
        except (DataError, ParameterError) as error:
            return Feedback("wrong", str(error))
        asked = "No program can tell whether your sentence is true: would others who run the notebook write the same?"
        return Feedback("complete", f"{self.why} {asked}")

    def check_name(self, changed):
        """Raise ParameterError unless one thing was changed that this notebook has."""
        words = re.findall(r"\w+", str(changed))
        if len([name for name in self.may_change if name in words]) > 1:
            raise ParameterError(
                "Change one thing at a time. Otherwise, you cannot tell which change made the difference."
            )
        if changed not in self.may_change:
            hint = f"{nearest(changed, self.may_change)} Choose one of: {', '.join(self.may_change)}."
            raise ParameterError(f"`{short_text(changed)}` is not a parameter here.{hint}")

    def value_of(self, name, value):
        """Return a value in the form that the parameter takes; DataError or ParameterError if it does not take it."""
        if name == "data":
            source = check_source(value)
            if source not in SOURCES:
                check_loadable(given_path(source, DataError))  # any folder exists; not any can be loaded
            return source
        if name in PARAMETERS:
            return check(name, value)
        if name in self.ranges:
            low, high = self.ranges[name]
            found = numbers_in(value)[:1] if isinstance(value, str) else [plain_number(value)]
            number = found[0] if found and found[0] is not None else low - 1
            whole = isinstance(low, int)
            if not low <= number <= high or (whole and number % 1):
                kind = "whole number" if whole else "number"
                raise ParameterError(f'"{name}" must be a {kind} from {low} to {high}. You gave {in_words(value)}.')
            return number
        words = " ".join(str(value).split())
        if not words or not isinstance(value, (int, float, str)) or isinstance(value, bool) or value != value:
            raise ParameterError(f'"{name}" must be a number or text. You gave {in_words(value)}.')
        return float(words) if re.fullmatch(r"\d+(\.\d+)?", words) else words


def check_sentence(saw):
    """Raise ParameterError unless a report has a sentence."""
    if isinstance(saw, str) and sum(letter.isalpha() and letter.lower() == letter.upper() for letter in saw) > 5:
        return  # a script without capitals: many of these have no spaces between words
    if not isinstance(saw, str) or len(saw.split()) < 5:
        raise ParameterError("Under `saw`, write what you saw, in a sentence of at least five words.")
    # A word has a vowel; letters of other alphabets count as well, and abbreviations such as CNN.
    is_word = re.compile(r"[aeiouy]|[^a-z]|^(?-i:[A-Z]{3})$", re.IGNORECASE)
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", saw) if is_word.search(word)}
    if len(words) < 3:
        hint = "what did you compare, and what was the result?"
        raise ParameterError(f"Under `saw`, write a sentence that others understand: {hint}")


def with_shares(saw, values):
    """Return a sentence in which "9776 of 10,000" is one number, 0.9776. Less than half may be mistakes, or a value."""

    def share(found):
        part, whole = numbers_in(found[0])
        is_share = whole / 2 < part <= whole and whole >= 100 and not (part in values and whole in values)
        return str(part / whole) if is_share else found[0]

    return SHARE.sub(share, saw)


def check_results(saw, values, accuracies):
    """Raise ParameterError unless a sentence has a result for each of two values, which are not results themselves."""
    found = numbers_in(saw)
    results = list(found)
    changed = [number for value in values for number in (numbers_in(value) if isinstance(value, str) else [value])]
    one_is_enough = bool(re.search(r"\b(both|same|equal)", saw, re.IGNORECASE))
    # "divided by 1, the largest value is 255, ...", or "the largest value is 255 instead of 1"
    swapped = found == changed and re.search(r"\b(is|are|was|were)\b.* instead of \d", saw)
    if not accuracies and (swapped or found[:2] == changed[::-1]):
        changed = []
    both = one_is_enough or all(found.count(value) >= changed.count(value) for value in changed)
    for value in changed:
        if value in results and (both or len(results) > 2):  # else it is a result: "rose from 0.5 to 1"
            results.remove(value)
    if len(results) < 2 - one_is_enough:
        raise ParameterError(
            "Your sentence gives no evidence. Report a result for each of the two values, in numbers, "
            'even if they are the same, such as "with 512 units, 0.98 of the images were right; with 16, 0.92".'
        )
    shares = [result for result in results if 0 <= result <= 100]
    if accuracies:  # even blind guessing is right more often than that
        shares = [share for share in shares if 0.005 <= share <= 1 or share >= 5]
    says_accuracy = re.search("accurac", saw, re.IGNORECASE)
    says_share = says_accuracy or re.search(r"\b(right|correct)|%|percent", saw, re.IGNORECASE)
    rest = [number for number in numbers_in(OTHERS.sub(" ", saw)) if number not in changed]
    left = [number for number in rest if number <= 1 or number >= 5]
    says_other = not says_share and OTHERS.search(saw) and len(left) < min(2, len(results))
    if accuracies and not says_accuracy and (len(shares) < min(2, len(results)) or says_other):
        raise ParameterError("Report the validation accuracy for each of the two values, between 0 and 1 or in %.")
    if (accuracies or says_accuracy) and len(shares) < min(2, len(results)):
        raise ParameterError("An accuracy is between 0 and 1, or between 0 % and 100 %. Look at both results again.")


def check_measured(saw, changed, values, accuracies):
    """Raise ParameterError if a sentence on accuracy does not give what this session measured for one of the values."""
    if not accuracies and not re.search("accurac", saw, re.IGNORECASE):
        return
    shares = [number / 100 if number > 1 else number for number in numbers_in(saw)]
    for value in values:
        meant = last_name("mnist") if value == "auto" else value
        results = [result for result in RESULTS if meant == {**result, **result.get("parameters", {})}.get(changed)]
        own = [result for result in results if not result.get("is_trial") and result.get("validation_accuracy")]
        if own and not any_close(results, "validation_accuracy", shares):
            other = " What it gives is the training accuracy." if any_close(own, "training_accuracy", shares) else ""
            raise ParameterError(
                f"With `{changed} = {short_text(value)}`, this notebook measured a validation accuracy of "
                f"{own[-1]['validation_accuracy']:.4f}, and your sentence does not give it.{other}"
            )


def any_close(results, name, shares):
    """Return whether one of the accuracies in a sentence is one that was measured, rounded."""
    return any(abs((result.get(name) or -1) - share) < 0.011 for result in results for share in shares)


@cache
def check_loadable(path):
    """Raise DataError unless a path can be loaded; asked only once, because a folder of photos takes a long time."""
    load_path(path)
