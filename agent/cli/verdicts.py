"""Records that have verdicts, files and checks: how many there are of each verdict, and which of them a scan shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.model.verdicts import COMPARED, RESULTS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

OF_FILES = "integrity"
"""The section whose records are files."""
OF_CHECKS = "compliance"
"""The section whose records are results of checks."""


class _Judged(NamedTuple):
    """The records of a section that have verdicts.

    verdicts: What is said of one with a verdict, the most urgent first.
    kind: What stands at the start of the line of such a record, behind its section, and of no other.
    mark: What stands in the line of one with a verdict and in no other: within a JSON string the quotes would be escaped.
    always: Verdict that is counted also when there is none.
    subject: What one is called.
    """

    verdicts: Mapping[str, str]
    kind: bytes
    mark: bytes
    always: str
    subject: str


SECTIONS = {
    OF_FILES: _Judged(VERDICTS, b',"kind":"file",', b'"verdict":"%b","compared":', "contradicts", "file"),
    OF_CHECKS: _Judged(RESULTS, b',"kind":"check_result",', b'"verdict":"%b","expected":', "fail", "check"),
}


class Verdicts:
    """Counts the files or checks of a scan, and leaves out those that were not asked for.

    section: The section that is read; in one without verdicts nothing is counted or left out.
    only: Verdicts of those to show; none for all, also files that have no verdict.
    control: For checks, the control of a mapping that those to count and show support; None for all.
    counts: Those that went through, by verdict, the shown and the others.
    """

    def __init__(self, section: str, only: Sequence[str] = (), control: str | None = None) -> None:
        self._judged = SECTIONS.get(section)
        verdicts = self._judged.verdicts if self._judged else ()
        self.counts = dict.fromkeys(verdicts, 0)
        self._only = tuple(verdict for verdict in only if verdict in verdicts)
        self._marks = {verdict: self._judged.mark % verdict.encode() if self._judged else b"" for verdict in verdicts}
        self._control = control if section == OF_CHECKS else None

    def through(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Give whole lines of records, as the worker writes them, without those that are not shown."""
        if not self._judged:
            yield from blocks
            return
        for block in blocks:
            asked = self._of_control(block) if self._control else block
            for verdict, mark in self._marks.items():
                self.counts[verdict] += asked.count(mark)
            shown = self._shown(asked) if self._only else asked
            if shown:
                yield shown

    def include(self, verdicts: Sequence[str]) -> bool:
        """Tell whether something that went through has one of these verdicts."""
        return any(self.counts.get(verdict) for verdict in verdicts)

    def closing(self) -> dict[str, Any]:
        """Give what the object that ends the section tells of its files or checks."""
        if not self._judged:
            return {}
        if not self._only:
            return {"verdicts": self.counts}
        shown = sum(self.counts[verdict] for verdict in self._only)
        return {"verdicts": self.counts, "only": self._only, "shown": shown}

    def _shown(self, block: bytes) -> bytes:
        return b"".join(line for line in block.splitlines(keepends=True) if self._is_shown(line))

    def _is_shown(self, line: bytes) -> bool:
        return not self._is_judged(line) or any(self._marks[verdict] in line for verdict in self._only)

    def _is_judged(self, line: bytes) -> bool:
        """Look behind the section, which for a check is that of its benchmark (agent.model.codec.as_line)."""
        return self._judged is not None and self._judged.kind in line[: line.find(b'","key":') + 2]

    def _of_control(self, block: bytes) -> bytes:
        return b"".join(
            line
            for line in block.splitlines(keepends=True)
            if not self._is_judged(line) or supports(json.loads(line), self._control or "")
        )


def supports(result: Mapping[str, Any], control: str) -> bool:
    """Tell whether a result supports a control of NIST SP 800-53, PCI DSS or SOC 2; AC-6 stands for AC-6(1) as well."""
    wanted = control.upper()
    controls = (*result["nist_800_53"], *result["pci_dss_4"], *result["soc_2"])
    return any(each.upper() == wanted or each.upper().startswith((f"{wanted}(", f"{wanted}.")) for each in controls)


def counted(closing: Mapping[str, Any]) -> str:
    """Say in a few words how many have which verdict; the most urgent are counted also when there are none."""
    counts, always = closing["verdicts"], SECTIONS[closing["section"]].always
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count or verdict == always)


def none_found(closing: Mapping[str, Any]) -> str:
    """Say that nothing has the verdicts that were asked for, and how many that is said of."""
    judged = SECTIONS[closing["section"]]
    asked = " or ".join(judged.verdicts[verdict] for verdict in closing["only"])
    if closing["section"] == OF_CHECKS:
        return f"No check {asked}, of {sum(closing['verdicts'].values())}."
    compared = sum(closing["verdicts"][verdict] for verdict in COMPARED)
    return f"No file {asked}; {compared} files were compared with their packages."
