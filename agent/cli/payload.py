"""stocktake payload SECTION: exactly the bytes that the section's next report holds."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.configuration import loaded
from agent.delivery.exchange import Subject
from agent.delivery.preview import preview
from agent.delivery.reading import CURRENT
from agent.delivery.replica import pending
from agent.delivery.store import folder_of
from agent.worker.collectors import load, sections
from agent.worker.deliver import identity_of
from agent.worker.state import prepare

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from agent.model.settings import Settings


def payload(arguments: argparse.Namespace) -> int:
    """Print the report; a section that was never collected here is collected for it, and forgotten again."""
    settings = loaded(arguments).settings
    try:
        load(arguments.section)
    except KeyError:
        sys.stderr.write(f"stocktake: {arguments.section}: no such section; there are {', '.join(sections())}\n")
        return codes.USAGE
    folder = folder_of(settings.state_dir, arguments.section)
    if os.path.exists(os.path.join(folder, CURRENT)):
        if not pending(folder):
            sys.stderr.write("nothing waits to be sent; this is the report if the backend asks for the section again\n")
        _print(settings, arguments.section)
        return codes.OK
    with _temporary_state(settings) as passing:
        error = _collect(passing, arguments.section)
        if error:
            sys.stderr.write(f"stocktake: {arguments.section}: {error}; nothing would be sent but that\n")
            return codes.PARTIAL
        _print(passing, arguments.section)
    return codes.OK


def _print(settings: Settings, section: str) -> None:
    subject = Subject(identity_of(settings).id, section, folder_of(settings.state_dir, section))
    for line in preview(subject):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


@contextmanager
def _temporary_state(settings: Settings) -> Iterator[Settings]:
    """Give the settings with a state folder that lasts as long as the block."""
    folder = tempfile.mkdtemp(prefix="stocktake-")
    try:
        prepare(folder)
        yield settings._replace(state_dir=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _collect(settings: Settings, section: str) -> str | None:
    """Collect in a child, because its limits last until its end; give why it gave no snapshot."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        _be_child(settings, section, writing)
    os.close(writing)
    with open(reading, "rb") as said:
        error = said.read(4096).decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return error or (f"the process ended with code {code}" if code else None)


def _be_child(settings: Settings, section: str, writing: int) -> None:
    from agent.worker.collect import collect  # noqa: PLC0415 - not needed when there is a snapshot

    code = 1
    try:
        attempt, _ = collect(settings, section)
        os.write(writing, (attempt.error or "").encode())
        code = 0
    finally:
        os._exit(code)
