"""Find digits on pictures in a process of its own, which can be stopped when a picture takes too long.

`main` is that process. It reads a line with a length and as many bytes of a picture, and writes a line of JSON:
{"boxes": [...], "images": in base64}, {"error": a sentence}, or {"failed": what Python says}. It ends with its input.
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

from handwriting.errors import first_line
from workshop.serve.refused import Refused

__all__ = ["Scanner"]

SECONDS = 10  # for one picture; a page of a hundred digits takes less than one


# Not `-m`, which looks for modules in the folder that the server was started in: somebody's random.py may lie there.
COMMAND = """
import sys
sys.path = [path for path in sys.path if path]
from workshop.serve.scanner import main
main()
"""


class Scanner:
    """The process, seen from the server; made when it is first needed, and again after it was stopped.

    Parameters
    ----------
    say : callable
        Gets a sentence when reading a picture failed for another reason than the picture.
    """

    def __init__(self, say=print):
        self.say = say
        self.process = None

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
                [sys.executable, "-c", COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        process, late = self.process, threading.Event()

        def give_up():
            late.set()
            process.kill()

        timer = threading.Timer(SECONDS, give_up)
        timer.start()
        try:
            process.stdin.write(b"%d\n" % len(content) + content)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
        try:
            found = json.loads(line)
        except ValueError:  # it ended, or something else was printed and the next line would be this picture's answer
            self.close()
            if late.is_set():
                raise Refused(
                    "This picture takes too long to read: there is too much on it. Send a part of it.", 413
                ) from None
            self.say(f"The process that reads photos ended (status {process.returncode}). The next photo starts it.")
            raise Refused("Reading this picture failed. Send it again, or a smaller one.", 503) from None
        if "failed" in found:
            self.say(f"A photo could not be read: {found['failed']}")
            raise Refused("This picture cannot be read. Save it as PNG or JPEG, and send that.")
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
    except Exception as error:  # whatever a file can do to those who read it, the next picture is read
        return {"failed": f"{type(error).__name__}: {first_line(error)}"}
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
