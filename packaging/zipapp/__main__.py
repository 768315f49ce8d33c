"""The command stocktake in one file: python3 stocktake.pyz scan.

It starts over isolated, so that no variable, folder or package of whoever runs it has a say in what is loaded, and by
another Python of the host where the one that it was given is too old.
"""

import os
import sys

OLDEST = (3, 9)
NEWEST = 13


def main():
    """Be the command, once the interpreter is one to trust."""
    archive = os.path.abspath(sys.path[0])
    if sys.version_info < OLDEST:
        _start_over(_newer_python(), archive)
    if not (sys.flags.isolated and sys.flags.no_site):
        _start_over(sys.executable, archive)
    sys.path[0] = archive
    from agent.cli import command  # noqa: PLC0415 - older interpreters do not come this far

    command()


def _start_over(python, archive):
    os.execv(python, [python, "-I", "-B", "-S", archive, *sys.argv[1:]])


def _newer_python():
    for minor in range(NEWEST, OLDEST[1] - 1, -1):
        python = f"/usr/bin/python3.{minor}"
        if os.path.exists(python):
            return python
    sys.exit(f"stocktake: Python 3.9 or newer is needed; this is {sys.version.split()[0]}, and /usr/bin has none")


main()
