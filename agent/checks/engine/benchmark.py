"""A benchmark: its recommendations, each with the check that judges it, from tables beside agent.checks.benchmarks."""

from __future__ import annotations

import json
import pkgutil
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.mappings import soc_2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agent.checks.engine.check import Value

COLUMNS = (
    *("section", "server", "workstation", "assessment", "check", "parameters", "applies_when"),
    *("nist_800_53", "pci_dss_4"),
)
"""Columns of a table, parted by tabs. check is empty where none was written yet; parameters are a JSON object or
nothing; applies_when names a condition of agent.checks.benchmarks.conditions, or nothing."""

_CHAPTERS = tuple(f"{number}.tsv" for number in range(1, 8))


class Recommendation(NamedTuple):
    """A recommendation of a benchmark.

    section: Its number.
    levels: Level by profile: server, workstation; a profile that does not ask for it is not there.
    automated: Whether it can be judged without a person.
    check: Id of the check; None where there is none.
    parameters: What differs from the defaults of the check.
    applies_when: Name of the condition under which it applies; None where it always does.
    nist_800_53: Controls of NIST SP 800-53 revision 5.
    pci_dss_4: Requirements of PCI DSS 4.0.
    """

    section: str
    levels: Mapping[str, int]
    automated: bool
    check: str | None
    parameters: Mapping[str, Value]
    applies_when: str | None
    nist_800_53: tuple[str, ...]
    pci_dss_4: tuple[str, ...]

    @property
    def soc_2(self) -> tuple[str, ...]:
        """SOC 2 common criteria."""
        return soc_2(self.nist_800_53)

    def supports(self, control: str) -> bool:
        """Tell whether it supports a control of any of the mappings; AC-6 stands for AC-6(1) as well."""
        return any(is_part_of(each, control) for each in (*self.nist_800_53, *self.pci_dss_4, *self.soc_2))


def is_part_of(control: str, wanted: str) -> bool:
    """Tell whether a control is the wanted one or an enhancement or part of it: AC-6(1) of AC-6, 2.2.1 of 2.2."""
    rest = control.upper().removeprefix(wanted.upper())
    return rest == "" or (control.upper().startswith(wanted.upper()) and rest[0] in "(.")


def tables(folder: str) -> Iterator[Recommendation]:
    """Give the recommendations of a folder of agent.checks.benchmarks, chapter after chapter, those it has."""
    for name in _CHAPTERS:
        try:
            content = pkgutil.get_data("agent.checks.benchmarks", f"{folder}/{name}")
        except FileNotFoundError:
            continue
        if content is not None:
            yield from recommendations(content.decode().splitlines())


def recommendations(lines: Iterable[str]) -> Iterator[Recommendation]:
    """Read a table; ValueError with the line where it is not one. Lines that start with # are comments."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.rstrip("\n").split("\t")
        if len(cells) != len(COLUMNS):
            raise ValueError(f"line {number}: expected {len(COLUMNS)} cells, found {len(cells)}")
        section, server, workstation, assessment, check, parameters, condition, nist, pci = cells
        levels = {name: int(level) for name, level in (("server", server), ("workstation", workstation)) if level}
        yield Recommendation(
            section,
            levels,
            assessment == "automated",
            check or None,
            _parameters(parameters),
            condition or None,
            tuple(nist.split()),
            tuple(pci.split()),
        )


def _parameters(cell: str) -> dict[str, Value]:
    found = json.loads(cell) if cell else {}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
