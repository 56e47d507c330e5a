"""Getting the data files safely: where they may lie, whether they are whole, where to download them."""

import errno
import hashlib
import os
import queue
import sys
import tempfile
import threading
import time
from pathlib import Path

from platformdirs import user_cache_dir

from handwriting.errors import DataError

__all__ = ["DataError", "cache_folder", "download", "is_at_hand", "read_local", "status"]

#: sha256 of each original file.
FILES = {
    "mnist": {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
}

#: Public mirrors of the same bytes.
MIRRORS = {
    "mnist": (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    "fashion-mnist": (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
}

ANSWER_WITHIN = 6.0  # seconds until some mirror must have begun to answer
SILENCE = 5.0  # seconds a download may stand still
FORGET_AFTER = 600.0  # seconds for which "no mirror answers" is remembered
NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EACCES, errno.EPERM, errno.EROFS}


def cache_folder():
    """Folder for downloads and the stand-in: `HANDWRITING_CACHE`, else the user's cache folder.

    Returns
    -------
    pathlib.Path or None
        None where nothing can be written: a read-only home, say.
    """
    chosen = os.environ.get("HANDWRITING_CACHE")
    folder = Path(chosen).expanduser() if chosen else Path(user_cache_dir("handwriting"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # a permission bit does not tell: try it
            return folder
    except OSError:
        return None


def make_folders_absolute():
    """Make the folders in the environment absolute, before kernels start in folders of their own."""
    for name in ("HANDWRITING_DATA_DIR", "HANDWRITING_CACHE"):
        if os.environ.get(name):
            os.environ[name] = str(Path(os.environ[name]).expanduser().resolve())


def folders(name):
    """Folders in which the files of `name` may lie, best first; the cache is looked for only when needed."""
    given = os.environ.get("HANDWRITING_DATA_DIR")
    if given:
        yield Path(given).expanduser() / name
        yield Path(given).expanduser()
    cache = cache_folder()
    if cache:
        yield cache / name


def is_at_hand(name):
    """Whether all files of `name` lie on this machine (their contents are checked when read)."""
    return any(all((folder / file).is_file() for file in FILES[name]) for folder in folders(name))


def read_local(name, say=print):
    """Read the files of `name` from this machine, if all are there and whole.

    Parameters
    ----------
    name : str
        A key of `FILES`.
    say : callable
        Takes a sentence about a file that is broken.

    Returns
    -------
    dict of str to bytes, or None
    """
    for folder in folders(name):
        contents = {}
        for file, sha256 in FILES[name].items():
            path = folder / file
            if not path.is_file():
                break
            try:
                content = path.read_bytes()
            except OSError as error:
                say(f"{path} cannot be read ({error.strerror}).")
                break
            if hashlib.sha256(content).hexdigest() != sha256:
                # Fashion-MNIST's files have MNIST's names: in a plain folder that is no damage.
                if folder.name == name:
                    say(f"{path} is broken (cut short or changed); looking for a whole one.")
                break
            contents[file] = content
        else:
            return contents
    return None


def download(name, say=print):
    """Download the files of `name` into the cache, and read them.

    Parameters
    ----------
    name : str
        A key of `FILES`.
    say : callable
        Takes sentences about what happens.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    DataError
        If no mirror gives the right bytes; within about `ANSWER_WITHIN` seconds if none answers.
    """
    answering, reasons = ask(mirrors_of(name), min(FILES[name], key=lambda file: "images" in file))
    if not answering:
        remember_failure(name)
        raise DataError(f"{name} cannot be downloaded: {'; '.join(reasons)}.")
    cache = cache_folder()
    with tempfile.TemporaryDirectory() as temporary:
        if cache is None:
            say("Nothing can be saved on this machine: the data is kept in memory only.")
        try:
            return fetch_all(name, answering, reasons, cache / name if cache else Path(temporary))
        except OSError as error:
            if error.errno not in NO_ROOM or cache is None:
                raise
            say(f"{cache} cannot take the data ({error.strerror}): it is kept in memory only.")
            return fetch_all(name, answering, reasons, Path(temporary))


def mirrors_of(name):
    """Where `name` may be fetched: `HANDWRITING_MIRROR` first, then the public mirrors."""
    own = os.environ.get("HANDWRITING_MIRROR")
    return [*([f"{own.rstrip('/')}/{name}/"] if own else []), *MIRRORS[name]]


def ask(mirrors, file):
    """Ask all mirrors at once; order them by who answers first, and say why others did not.

    Looking up a name can hang for longer than any socket's time-out, so the threads that ask are
    left behind when the time is over.
    """
    import requests

    answers = queue.Queue()

    def ask_one(mirror):
        try:
            with requests.get(mirror + file, stream=True, timeout=ANSWER_WITHIN / 2) as answer:
                answer.raise_for_status()
            answers.put((mirror, None))
        except Exception as error:  # whatever it is, it means: not this mirror
            answers.put((mirror, reason(mirror, error)))

    for mirror in mirrors:
        threading.Thread(target=ask_one, args=[mirror], daemon=True).start()
    silent, answering, reasons = list(mirrors), [], []
    end = time.monotonic() + ANSWER_WITHIN
    while silent and not answering:
        try:
            mirror, why_not = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        silent.remove(mirror)
        answering += [mirror] if why_not is None else []
        reasons += [why_not] if why_not else []
    if answering:
        return answering + silent, reasons
    return [], reasons + [f"{host(mirror)} did not answer within {ANSWER_WITHIN:.0f} s" for mirror in silent]


def fetch_all(name, mirrors, reasons, folder):
    """Download every file of `name` into `folder` from the first mirror that gives the right bytes."""
    return {file: fetch_one(name, file, mirrors, list(reasons), folder) for file in FILES[name]}


def fetch_one(name, file, mirrors, reasons, folder):
    """Download one file, checked and moved into place whole; returns its bytes."""
    import logging

    import pooch
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    for mirror in mirrors:
        with progress_bar(f"{name}/{file}") as bar:
            downloader = pooch.HTTPDownloader(progressbar=bar, timeout=SILENCE, chunk_size=65536)
            try:
                path = pooch.retrieve(
                    mirror + file, f"sha256:{FILES[name][file]}", fname=file, path=folder, downloader=downloader
                )
                return Path(path).read_bytes()
            except (requests.RequestException, ValueError) as error:
                reasons.append(reason(mirror, error))
    raise DataError(f"{name} cannot be downloaded: {'; '.join(reasons)}.")


def progress_bar(label):
    """A bar on standard output where a person looks on; nothing in a pipe."""
    from tqdm import tqdm

    watched = sys.stdout.isatty() or "ipykernel" in sys.modules
    # A total to begin with: a bar without one has no truth value, which pooch asks for.
    return tqdm(total=1, desc=label, unit="B", unit_scale=True, leave=False, file=sys.stdout, disable=not watched)


def host(mirror):
    """The mirror's host, for a sentence."""
    return mirror.split("/")[2]


def reason(mirror, error):
    """Why a mirror was of no use, in a few words."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        why = "its certificate was not accepted (is there a filter or a proxy?)"
    elif isinstance(error, requests.exceptions.ProxyError):
        why = "the proxy refused"
    elif isinstance(error, requests.HTTPError):
        why = f"it answered {error.response.status_code}"
    elif isinstance(error, requests.Timeout):
        why = "it did not answer in time"
    elif isinstance(error, (ValueError, requests.exceptions.ChunkedEncodingError)):
        why = "it sent wrong or incomplete bytes"
    else:
        why = "it could not be reached"
    return f"{host(mirror)}: {why}"


def failure_mark(name):
    """File whose age tells when no mirror answered last; None where nothing can be written."""
    cache = cache_folder()
    return cache / f"{name}.unreachable" if cache else None


def remember_failure(name):
    """Note that no mirror answers, so that the next notebook need not wait again."""
    mark = failure_mark(name)
    try:
        if mark:
            mark.touch()
    except OSError:
        pass  # a full disk: the next notebook asks again


def failed_recently(name):
    """Whether no mirror answered within the last ten minutes."""
    mark = failure_mark(name)
    try:
        return bool(mark) and 0 <= time.time() - mark.stat().st_mtime < FORGET_AFTER
    except OSError:
        return False


def status():
    """What lies where, and whether it is whole.

    Returns
    -------
    list of dict
        Keys "name", "file", "path", "state" ("whole", "broken" or "missing") and "bytes".
    """
    rows = []
    for name, files in FILES.items():
        for file, sha256 in files.items():
            found = [folder / file for folder in folders(name) if (folder / file).is_file()]
            states = [hashlib.sha256(path.read_bytes()).hexdigest() == sha256 for path in found]
            best = states.index(True) if True in states else 0
            state = "missing" if not found else "whole" if states[best] else "broken"
            path = found[best] if found else None
            size = path.stat().st_size if path else 0
            rows.append({"name": name, "file": file, "path": path, "state": state, "bytes": size})
    return rows
