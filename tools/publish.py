"""Write the workshop's public address wherever it is needed: python tools/publish.py OWNER/NAME.

The address stands in one place, pyproject.toml under [project.urls]. The setup cells and the Colab and Binder
buttons are derived from it; called without a name, this command derives them anew.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from handwriting.paths import write_text

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r'^\[project\.urls\]\nRepository = "https://github\.com/(.+)"\n\n', re.MULTILINE)
BADGES = "<!-- badges -->"
SETUP = re.compile(r'^repository = ".*?"', re.MULTILINE)
MISSING = "*No Colab or Binder button here: this copy of the workshop has no public address yet.*"


def read_repository(root=ROOT):
    """Return the repository as "owner/name", or "" if none is set."""
    found = ADDRESS.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    return found[1] if found else ""


def badges(repository, notebook):
    """Return the line with the buttons that open a notebook, or what is missing."""
    if not repository:
        return f"{MISSING} {BADGES}"
    path = f"notebooks/{notebook}.ipynb"
    colab = f"https://colab.research.google.com/github/{repository}/blob/main/{path}"
    binder = f"https://mybinder.org/v2/gh/{repository}/main?labpath={path.replace('/', '%2F')}"
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder}) {BADGES}"
    )


def derive(text, repository, notebook):
    """Return a text with the address and the buttons that belong to this repository."""
    address = f"https://github.com/{repository}" if repository else ""
    text = SETUP.sub(f'repository = "{address}"', text)
    return re.sub(rf"^(# )?\S.*{BADGES}$", rf"\g<1>{badges(repository, notebook)}", text, flags=re.MULTILINE)


def derived_files(root=ROOT):
    """Return each file that holds the address or a button as it must be: a dict of path to text."""
    repository = read_repository(root)
    files = {root / "README.md": derive((root / "README.md").read_text(encoding="utf-8"), repository, "01_load")}
    for path in sorted((root / "notebooks" / "source").glob("*.py")):
        files[path] = derive(path.read_text(encoding="utf-8"), repository, path.stem)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = derive("".join(cell["source"]), repository, path.stem).splitlines(keepends=True)
        files[path] = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return files


def publish(repository, root=ROOT):
    """Set the repository ("owner/name"; None leaves it as it is), and make every file agree with it."""
    if repository is not None:
        path = root / "pyproject.toml"
        project = ADDRESS.sub("", path.read_text(encoding="utf-8"))
        address = f'[project.urls]\nRepository = "https://github.com/{repository}"\n\n'
        write_text(path, project.replace("[project.scripts]", f"{address}[project.scripts]"))
    for path, text in derived_files(root).items():
        if path.read_text(encoding="utf-8") != text:
            write_text(path, text)
            print(f"written: {path.relative_to(root)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", nargs="?", help="OWNER/NAME, as in github.com/OWNER/NAME")
    repository = parser.parse_args().repository
    name = r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.+$|.*\.git$)[A-Za-z0-9._-]+"
    if repository is not None and not re.fullmatch(name, repository):
        sys.exit(f'"{repository}" is not a repository. Write OWNER/NAME: make publish REPO=owner/name')
    if repository is None and not read_repository():
        sys.exit("This copy has no public address yet. Give one: make publish REPO=owner/name")
    publish(repository)


if __name__ == "__main__":
    main()
