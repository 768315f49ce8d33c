"""stocktake scan: every section in a confined child of its own, what they say printed as it comes."""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, TextIO

from agent.cli import exit as codes
from agent.cli.child import SectionRun
from agent.cli.configuration import loaded
from agent.cli.progress import Progress
from agent.cli.render import Renderer, renderer
from agent.model.status import COMPLETE, UNSUPPORTED
from agent.worker.collectors import load, sections

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from agent.model.settings import Settings

_BILL = ("host", "packages")
"""Sections of a bill of materials, of which the first only names its subject."""


def scan(arguments: argparse.Namespace) -> int:
    """Read the sections that are asked for; the exit code says whether one of them is degraded."""
    if arguments.parts is not None:
        arguments.set.append(f"packages.parts={arguments.parts}")
    settings = loaded(arguments).settings
    if arguments.root is not None:
        root = arguments.root and os.path.abspath(arguments.root)
        settings = settings._replace(root=root, proc=None)
    problem = _problem(arguments, settings)
    if problem:
        sys.stderr.write(f"stocktake: {problem}\n")
        return codes.USAGE
    try:
        out = _output(arguments.output)
    except OSError as error:
        sys.stderr.write(f"stocktake: --output {arguments.output}: {error.strerror}\n")
        return codes.USAGE
    with out as file:
        return _scan(arguments, settings, renderer(arguments.format, file))


def _problem(arguments: argparse.Namespace, settings: Settings) -> str | None:
    """Say what makes the scan impossible before it begins."""
    wanted = arguments.sections
    if arguments.format == "cyclonedx" and not {"packages"}.issuperset(wanted):
        return "--format cyclonedx: expected the section packages alone, for a bill of materials holds nothing else"
    if not os.path.isdir(settings.root):
        return f"--root {settings.root}: expected a directory that can be read"
    for section in wanted:
        try:
            load(section)
        except KeyError:
            return f"{section}: no such section; there are {', '.join(sections())}"
    return None


def _scan(arguments: argparse.Namespace, settings: Settings, out: Renderer) -> int:
    deadline = time.monotonic() + arguments.timeout if arguments.timeout else None
    named = tuple(arguments.sections)
    wanted = counted = named or sections()
    if arguments.format == "cyclonedx":
        wanted, counted = _BILL, _BILL[1:]
    progress = Progress(sys.stderr)
    code = codes.OK
    out.begin()
    for section in wanted:
        progress.show(f"reading {section}")
        run = SectionRun(settings, section, deadline)
        status = _section(run, out, progress)
        if run.cut_off:
            code = codes.TIMEOUT
        elif (
            code == codes.OK
            and section in counted
            and status != COMPLETE
            and (status != UNSUPPORTED or section in named)
        ):
            code = codes.PARTIAL
    out.end()
    return code


def _section(run: SectionRun, out: Renderer, progress: Progress) -> str:
    for block in run.blocks():
        progress.clear()
        out.records(block)
    progress.clear()
    out.close(run.closing)
    return str(run.closing["status"])


def _output(path: str | None) -> AbstractContextManager[TextIO]:
    """Give where to print: standard output, or a file that only its owner can read, also one that was there before."""
    if path is None:
        return nullcontext(sys.stdout)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        os.fchmod(fd, 0o600)
    return open(fd, "w", encoding="utf-8")
