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
from agent.cli.verdicts import OF_CHECKS, OF_FILES, SECTIONS, Verdicts
from agent.model.settings import sections as enabled
from agent.model.status import COMPLETE, UNSUPPORTED
from agent.worker.collectors import load, sections

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from agent.model.settings import Settings

_BILL = ("host", "packages")
"""Sections of a bill of materials, of which the first only names its subject."""
_URGENCY = (codes.FINDINGS, codes.TIMEOUT, codes.PARTIAL, codes.OK)
"""Exit codes, the first of which that a section gave is that of the scan: what was found is true, whatever was not."""


def scan(arguments: argparse.Namespace) -> int:
    """Read the sections that are asked for; the exit code says whether one of them is degraded."""
    _take_over(arguments)
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


def _take_over(arguments: argparse.Namespace) -> None:
    """Make settings of the words that stand for them."""
    if arguments.parts is not None:
        arguments.set.append(f"packages.parts={arguments.parts}")
    for name in ("benchmark", "level", "profile"):
        if getattr(arguments, name) is not None:
            arguments.set.append(f"compliance.{name}={getattr(arguments, name)}")
    if arguments.tailoring is not None:
        arguments.set.append(f"compliance.tailoring={os.path.abspath(arguments.tailoring)}")


def _problem(arguments: argparse.Namespace, settings: Settings) -> str | None:
    """Say what makes the scan impossible before it begins."""
    wanted = arguments.sections
    if arguments.format == "cyclonedx" and not {"packages"}.issuperset(wanted):
        return "--format cyclonedx: expected the section packages alone, for a bill of materials holds nothing else"
    if arguments.format == "junit" and list(wanted) != [OF_CHECKS]:
        return f"--format junit: expected the section {OF_CHECKS} alone, for only checks are test cases"
    for verdict in (*arguments.only, *arguments.fail_on):
        home = next(section for section, judged in SECTIONS.items() if verdict in judged.verdicts)
        if home not in wanted:
            return f"--only and --fail-on {verdict}: expected the section {home}, as in stocktake scan {home} --only {verdict}"
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
    progress = Progress(sys.stderr)
    reached = {codes.OK}
    out.begin()
    for section in _wanted(arguments, settings):
        progress.show(f"reading {section}")
        reached.add(_section(SectionRun(settings, section, deadline), arguments, out, progress))
    out.end()
    return next(code for code in _URGENCY if code in reached)


def _wanted(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Give the sections to read; without names those that are enabled, but the one that takes too long to come unasked."""
    if arguments.format == "cyclonedx":
        return _BILL
    return arguments.sections or tuple(sorted(enabled(settings).keys() - {OF_FILES}))


def _section(run: SectionRun, arguments: argparse.Namespace, out: Renderer, progress: Progress) -> int:
    """Print a section; give the code that the scan would end with if there were no other."""
    verdicts = Verdicts(run.section, arguments.only, arguments.control)
    for block in verdicts.through(run.blocks()):
        progress.clear()
        out.records(block)
        progress.show(f"reading {run.section}: {run.count} records")
    progress.clear()
    out.close({**run.closing, **verdicts.closing()})
    if verdicts.include(arguments.fail_on):
        return codes.FINDINGS
    if run.cut_off:
        return codes.TIMEOUT
    return codes.PARTIAL if _is_degraded(run, arguments) else codes.OK


def _is_degraded(run: SectionRun, arguments: argparse.Namespace) -> bool:
    """Tell whether a section is less than was asked for; what a host does not offer is so only where it was named."""
    status = run.closing["status"]
    if status == COMPLETE or (arguments.format == "cyclonedx" and run.section != _BILL[-1]):
        return False
    return status != UNSUPPORTED or run.section in arguments.sections


def _output(path: str | None) -> AbstractContextManager[TextIO]:
    """Give where to print: standard output, or a file that only its owner can read, also one that was there before."""
    if path is None:
        return nullcontext(sys.stdout)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        os.fchmod(fd, 0o600)
    return open(fd, "w", encoding="utf-8")
