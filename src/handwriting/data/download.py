"""Download the data files: from whichever mirror answers, each file checked, and within a time limit."""

import errno
import queue
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from handwriting.data.cache import cache_folder
from handwriting.data.registry import FILES, mirrors
from handwriting.errors import DataError

__all__ = ["download", "failed_recently", "find_mirrors", "host", "remember_failure"]

ANSWER_WITHIN = 6.0  # seconds until some mirror must have begun to answer
SILENCE = 5.0  # seconds for which a download may stand still
FORGET_AFTER = 600.0  # seconds for which "no mirror answers" is remembered
#: Errors of a cache that takes no files: the disk is full, or may not be written to.
CANNOT_WRITE = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EACCES, errno.EPERM, errno.EROFS}


def download(name, report=print):
    """Download the files of `name` into the cache, and read them.

    Parameters
    ----------
    name : str
        A key of `handwriting.data.registry.FILES`.
    report : callable
        Takes sentences about what happens.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    DataError
        If no mirror gives the right bytes; within about `ANSWER_WITHIN` seconds if none answers.
    """
    answering, reasons = find_mirrors(mirrors(name), min(FILES[name], key=lambda file: "images" in file))
    if not answering:
        remember_failure(name)
        raise DataError(f"{name} cannot be downloaded: {'; '.join(reasons)}.")
    cache = cache_folder()
    if cache is None:
        report("Nothing can be saved on this machine: the data is kept in memory only.")
    else:
        try:
            return download_files(name, answering, reasons, cache / name)
        except OSError as error:
            if error.errno not in CANNOT_WRITE:
                raise
            report(f"{cache} cannot take the data ({error.strerror}): it is kept in memory only.")
    with tempfile.TemporaryDirectory() as temporary:
        return download_files(name, answering, reasons, Path(temporary))


def find_mirrors(addresses, file):
    """Ask all mirrors for a file at once, without reading it.

    Looking up a host's name can take longer than any timeout of a socket. So the threads that ask are daemons, left
    behind when the time is over.

    Returns
    -------
    answering : list of str
        The one that answered first, then those that have not answered yet; empty if none answered in time.
    reasons : list of str
        What is wrong with the others.
    """
    answers = queue.Queue()
    for address in addresses:
        threading.Thread(target=ask, args=[address, file, answers], daemon=True).start()
    silent, reasons = list(addresses), []
    end = time.monotonic() + ANSWER_WITHIN
    while silent:
        try:
            address, reason = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        silent.remove(address)
        if reason is None:
            return [address, *silent], reasons
        reasons.append(reason)
    return [], reasons + [f"{host(address)} did not answer within {ANSWER_WITHIN:.0f} s" for address in silent]


def ask(address, file, answers):
    """Ask one mirror for a file, and put (address, None) or (address, what is wrong) into a queue."""
    import requests

    try:
        with requests.get(address + file, stream=True, timeout=ANSWER_WITHIN / 2) as response:
            response.raise_for_status()
        answers.put((address, None))
    except Exception as error:  # whatever went wrong, this mirror is of no use
        answers.put((address, explain(address, error)))


def download_files(name, addresses, reasons, folder):
    """Download every file of `name` into a folder, each from the first mirror that gives the right bytes."""
    return {file: download_file(name, file, addresses, list(reasons), folder) for file in FILES[name]}


def download_file(name, file, addresses, reasons, folder):
    """Download one file, which appears in the folder only when it is whole, and return its bytes."""
    import logging

    import pooch
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    for address in addresses:
        with progress_bar(f"{name}/{file}") as bar:
            downloader = pooch.HTTPDownloader(progressbar=bar, timeout=SILENCE, chunk_size=65536)
            try:
                sha256 = f"sha256:{FILES[name][file]}"
                path = pooch.retrieve(address + file, sha256, fname=file, path=folder, downloader=downloader)
                return Path(path).read_bytes()
            except (requests.RequestException, ValueError) as error:
                reasons.append(explain(address, error))
    raise DataError(f"{name} cannot be downloaded: {'; '.join(reasons)}.")


def progress_bar(label):
    """Return a bar on standard output where a person is watching; one that shows nothing in a pipe."""
    from tqdm import tqdm

    watched = sys.stdout.isatty() or "ipykernel" in sys.modules
    # A total to begin with: a bar without one has no truth value, which pooch asks for.
    return tqdm(total=1, desc=label, unit="B", unit_scale=True, leave=False, file=sys.stdout, disable=not watched)


def host(address):
    """Return the host of a mirror's address."""
    return address.split("/")[2]


def explain(address, error):
    """Return what is wrong with a mirror, in a few words."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"{host(address)}: it answered {error.response.status_code}"
    reasons = {
        requests.exceptions.SSLError: "its certificate was not accepted (is there a filter or a proxy?)",
        requests.exceptions.ProxyError: "the proxy refused",
        requests.Timeout: "it did not answer in time",
        requests.exceptions.ChunkedEncodingError: "it sent wrong or incomplete bytes",
        ValueError: "it sent wrong or incomplete bytes",
    }
    reason = next((text for kind, text in reasons.items() if isinstance(error, kind)), "it could not be reached")
    return f"{host(address)}: {reason}"


def failure_mark(name):
    """Return the file whose age says when no mirror answered last; None where nothing can be written."""
    cache = cache_folder()
    return cache / f"{name}.unreachable" if cache else None


def remember_failure(name):
    """Remember that no mirror answers, so that the next notebook need not wait again."""
    mark = failure_mark(name)
    if mark:
        with suppress(OSError):  # the disk is full: the next notebook asks again
            mark.touch()


def failed_recently(name):
    """Return whether no mirror answered within the last ten minutes."""
    mark = failure_mark(name)
    try:
        return bool(mark) and 0 <= time.time() - mark.stat().st_mtime < FORGET_AFTER
    except OSError:
        return False
