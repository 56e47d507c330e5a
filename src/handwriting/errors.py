"""What can go wrong and be put right by the person at the keyboard: the text of each error says how."""

WRITTEN = "\n\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


class UserError(Exception):
    """Something went wrong that the person can put right; its text is a sentence or two that say how.

    Notebooks show that text alone: the lines of code between the person's and ours would only frighten.
    """

    def _render_traceback_(self):
        text = f"{type(self).__name__}: {self}"
        # Names of files may hold what steers a terminal.
        return ["".join(letter if letter.isprintable() or letter in WRITTEN else "\ufffd" for letter in text)]


class ParameterError(UserError, ValueError):
    """A parameter that no notebook has, or a value that it does not take."""


class ArrayError(UserError, ValueError):
    """Images, labels or predictions of the wrong shape, kind or number."""


class DataError(UserError):
    """The data is not available or cannot be used."""


class ScanError(UserError, ValueError):
    """There is no handwriting to read in an image, or it is not an image."""


class NetworkError(UserError, ValueError):
    """A network that does not read images, or does not give probabilities."""


class RecordError(UserError):
    """An executed notebook that cannot be read, or holds no result."""


class AddressError(UserError):
    """A folder or an address that cannot be read or written."""


class ClusterError(UserError):
    """A scheduler that does not answer, or workers that cannot run the workshop."""


def first_line(error, otherwise="no message"):
    """Return the first line of an exception's message, or `otherwise` if it has none."""
    return (str(error).strip().splitlines() or [otherwise])[0]
