"""Ask whether the pages still exist that the notebooks and documents link to: python tools/check_links.py.

It needs Python and a network, nothing else. The exit status is 1 if a page is gone.
"""

import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS, TRIES, PAUSE = 20, 3, 10
#: Answers of a site that is there, but lets only people in, or not so many at once.
REFUSED = (401, 403, 405, 406, 429)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"https?://(?!127\.|localhost)[\w./%?=&#:~+@,;-]*[\w/]")
AGENT = {"User-Agent": "Mozilla/5.0 (checks once a week that links of a course are not dead)"}


def find_links(root=ROOT):
    """Return every external link in notebooks' sources and documents: a dict of address to the names of files."""
    links = {}
    for path in sorted([*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("notebooks/source/*.py")]):
        for address in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
            links.setdefault(address.partition("#")[0], []).append(path.name)
    return links


def ask(address, pause=PAUSE):
    """Return "alive", "refused" or "dead", and the last answer; what may pass is tried again."""
    for left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=AGENT), timeout=SECONDS) as page:
                return "alive", str(page.status)
        except urllib.error.HTTPError as error:
            verdict, answer = "refused" if error.code in REFUSED else "dead", f"{error.code} {error.reason}"
            if error.code in (404, 410):
                break
        except (OSError, ValueError) as error:  # no such host, no answer in time, or nonsense
            verdict, answer = "dead", str(getattr(error, "reason", error))
        time.sleep(pause if left else 0)
    return verdict, answer


def main(root=ROOT, pause=PAUSE):
    """Ask for each page, one after the other, and print what is not alive."""
    dead = 0
    links = find_links(root)
    for address, files in links.items():
        verdict, answer = ask(address, pause)
        dead += verdict == "dead"
        if verdict != "alive":
            print(f"{verdict}: {address} ({answer}), linked from {', '.join(sorted(set(files)))}", flush=True)
    print(f"{len(links)} links, {dead} dead.")
    return bool(dead)


if __name__ == "__main__":
    sys.exit(main())
