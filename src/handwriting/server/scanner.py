"""Find digits on pictures in a process of its own, which can be stopped when a picture takes too long.

`python -m handwriting.server.scanner` is that process. It reads a line with a length and as many bytes of a picture,
and writes a line of JSON: {"boxes": [...], "images": in base64} or {"error": a sentence}. It ends when its input does.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from base64 import b64decode, b64encode

import numpy as np

from handwriting.server.refused import Refused

__all__ = ["Scanner"]

SECONDS = 10  # for one picture; a page of a hundred digits takes less than one


class Scanner:
    """The process, seen from the server; made when it is first needed, and again after it was stopped."""

    process = None

    def find(self, content):
        """Find all digits on a picture.

        Parameters
        ----------
        content : bytes

        Returns
        -------
        images : ndarray, uint8, shape (n, 28, 28)
        boxes : list of list of int

        Raises
        ------
        Refused
            If there is no digit to read on it, or it takes too long.
        """
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "handwriting.server.scanner"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        process = self.process
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(b"%d\n" % len(content) + content)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            self.close()
            raise Refused("This picture takes too long to read: there is too much on it. Send a part of it.", 413)
        try:
            found = json.loads(line)
        except ValueError:  # something else was printed; the next line would be the answer to this picture
            self.close()
            raise Refused("Reading this picture failed. Send it again.", 503) from None
        if "error" in found:
            raise Refused(found["error"])
        return np.frombuffer(b64decode(found["images"]), np.uint8).reshape(-1, 28, 28), found["boxes"]

    def close(self):
        """Stop the process; may be called again."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):  # what was not written yet has nobody to go to
                process.stdin.close()


def answer(content):
    """What the process says to one picture."""
    from handwriting.scan import ScanError, find_digits

    try:
        found = find_digits(content)
    except ScanError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "This picture does not fit into memory. Send it smaller."}
    images = b64encode(b"".join(digit.image.tobytes() for digit in found)).decode()
    return {"boxes": [list(map(int, digit.box)) for digit in found], "images": images}


def main():
    """The process."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they are for the server, which ends this process when it is done
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what anyone else prints is no answer
    while length := sys.stdin.buffer.readline():
        answers.write(json.dumps(answer(sys.stdin.buffer.read(int(length)))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
