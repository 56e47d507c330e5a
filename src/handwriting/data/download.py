"""Download the data files: from whichever mirror answers, each file checked, and within a time limit."""

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

ANSWER_WITHIN = 6.0  # seconds until some mirror must have begun to answer
SILENCE = 5.0  # seconds for which a download may stand still
SLOWEST = 5_000  # bytes per second on average, once those seconds are over
FORGET_AFTER = 600.0  # seconds for which "no mirror answers" is remembered


def download(name, report=print):
    """Download the files of `name`, a key of `FILES`, into the cache, and return them: a dict of str to bytes.

    `report` takes sentences about what happens. DataError if no mirror gives the right bytes; within about
    `ANSWER_WITHIN` seconds if none answers.
    """
    answering, reasons = find_mirrors(mirrors(name), min(FILES[name], key=lambda file: "images" in file))
    if not answering:
        remember_failure(name)
        raise DataError(f"{name} cannot be downloaded: {'; '.join(reasons)}.")

    def into(folder):
        return {file: download_file(name, file, answering, reasons, folder) for file in FILES[name]}

    cache = cache_folder()
    if cache is None:
        report("Nothing can be saved on this machine: the data is kept in memory only.")
    else:
        try:
            return into(cache / name)
        except OSError as error:
            report(f"The data cannot be saved in {cache} ({error.strerror or error}): it is kept in memory only.")
    with tempfile.TemporaryDirectory() as temporary:
        return into(Path(temporary))


def find_mirrors(addresses, file):
    """Ask all mirrors for a file at once, without reading it.

    Returns the addresses of the one that answered first and of those that have not answered yet, none if none answered
    in time; and what is wrong with the others.
    """
    answers = queue.Queue()
    for address in addresses:
        start(answers, address, ask, address + file)
    silent, reasons = list(addresses), []
    end = time.monotonic() + ANSWER_WITHIN
    while silent:
        try:
            address, error = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        silent.remove(address)
        if error is None:
            return [address, *silent], reasons
        reasons.append(explain(address, error))
    return [], reasons + [f"{host(address)} did not answer within {ANSWER_WITHIN:.0f} s" for address in silent]


def start(ended, address, function, *words):
    """Call a function in a thread; put (address, None) into the queue `ended`, or (address, the error that ended it).

    Looking up a host's name can take longer than any timeout of a socket, and a timeout of `requests` is for each
    packet, which may hold a single byte. So the threads are daemons, left behind when the time is over.
    """

    def call():
        try:
            function(*words)
            ended.put((address, None))
        except Exception as error:  # whatever went wrong, this mirror is of no use
            ended.put((address, error))

    threading.Thread(target=call, daemon=True).start()


def ask(address):
    """Ask for what is at an address, without reading it."""
    import requests

    with requests.get(address, stream=True, timeout=ANSWER_WITHIN / 2) as response:
        response.raise_for_status()


def download_file(name, file, addresses, reasons, folder):
    """Download one file, which appears in the folder only when it is whole, and return its bytes."""
    import logging

    import pooch
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    known = FILES[name][file]
    if (folder / file).exists() and not (folder / file).is_file():  # pooch would wait for what comes out of a pipe
        raise FileExistsError(f"{name}/{file} exists, but is not a file")

    def write(address, path, _):
        with progress_bar(f"{name}/{file}", known.size) as bar:
            content = receive(address, known.size, bar)
            Path(path).unlink()  # pooch's own, which nobody else could read: a cache may be for many
            Path(path).write_bytes(content)

    for address in addresses:
        try:
            path = pooch.retrieve(address + file, f"sha256:{known.sha256}", fname=file, path=folder, downloader=write)
            return Path(path).read_bytes()
        except (requests.RequestException, TimeoutError, ValueError) as error:
            reasons = [*reasons, explain(address, error)]
    raise DataError(f"{name} cannot be downloaded: {'; '.join(reasons)}.")


def receive(address, size, bar):
    """Return the bytes at an address; `bar` shows their number.

    ValueError if there are more than `size`, TimeoutError if they come too slowly.
    """
    arrived, ended, given_up = bytearray(), queue.Queue(), threading.Event()
    start(ended, address, read_body, address, size, arrived, given_up)
    begin = time.monotonic()
    while True:
        with suppress(queue.Empty):
            _, error = ended.get(timeout=0.1)
            if error:
                raise error
            return bytes(arrived)
        bar.update(len(arrived) - bar.n)
        if time.monotonic() - begin > SILENCE + len(arrived) / SLOWEST:
            given_up.set()
            raise TimeoutError


def read_body(address, size, arrived, given_up):
    """Read what an address gives into `arrived`; ValueError if it is more than `size`."""
    import requests

    headers = {"Accept-Encoding": "identity"}  # not packed once more
    with requests.get(address, stream=True, timeout=SILENCE, headers=headers) as response:
        response.raise_for_status()
        for chunk in response.iter_content(4096):
            arrived.extend(chunk)
            if len(arrived) > size or given_up.is_set():
                raise ValueError


def progress_bar(label, size):
    """Return a bar on standard output where a person is watching; one that shows nothing in a pipe."""
    from tqdm import tqdm

    watched = sys.stdout.isatty() or "ipykernel" in sys.modules
    return tqdm(total=size, desc=label, unit="B", unit_scale=True, leave=False, file=sys.stdout, disable=not watched)


def host(address):
    """Return the host of a mirror's address."""
    return address.split("/")[2]


def explain(address, error):
    """Return what is wrong with a mirror, in a few words."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"{host(address)}: it responded with {error.response.status_code}"
    reasons = {
        requests.exceptions.SSLError: "its certificate was not accepted (is there a filter or a proxy?)",
        requests.exceptions.ProxyError: "the proxy refused",
        requests.Timeout: "it did not respond in time",
        TimeoutError: "it is too slow",
        requests.exceptions.ChunkedEncodingError: "it sent wrong or incomplete data",
        ValueError: "it sent wrong or incomplete data",
    }
    reason = next((text for kind, text in reasons.items() if isinstance(error, kind)), "it could not be reached")
    return f"{host(address)}: {reason}"


def remember_failure(name):
    """Remember that no mirror answers, so that the next notebook need not wait again."""
    cache = cache_folder()
    with suppress(OSError):  # the disk is full: the next notebook asks again
        if cache:
            (cache / f"{name}.unreachable").touch()


def failed_recently(name):
    """Return whether no mirror answered within the last ten minutes."""
    cache = cache_folder()
    with suppress(OSError):
        return bool(cache) and 0 <= time.time() - (cache / f"{name}.unreachable").stat().st_mtime < FORGET_AFTER
    return False
