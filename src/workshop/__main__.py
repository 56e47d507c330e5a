"""`python -m workshop`, and the command `handwriting`."""

import sys
from contextlib import suppress
from pathlib import Path

from workshop import skip_iri_grammar


def main():
    """Run the command line, or say how to install what it needs."""
    skip_iri_grammar()
    try:
        from workshop.cli import main as command_line

        command_line()
    except ImportError as error:  # at once, or when a command imports what only it needs
        from workshop.packages import needed  # here, where nothing comes from the current folder any more

        # The core is installed without the extras: most notebooks do not need them.
        sys.exit(needed(error))
    except KeyboardInterrupt:  # in the seconds that its packages need
        sys.exit(130)


if __name__ == "__main__":
    with suppress(OSError):
        if Path(sys.path[0]).samefile("."):  # `python -m` looks there first, and what lies there may be anyone's
            del sys.path[0]
    main()
