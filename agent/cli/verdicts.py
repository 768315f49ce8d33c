"""Files by their verdicts: how many there are of each, and which of them a scan shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.model.verdicts import COMPARED, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

OF_FILES = "integrity"
"""The section whose records are files."""

_FILE = b'{"section":"integrity","kind":"file",'
_MARKS = {verdict: b'"verdict":"%b","compared":' % verdict.encode() for verdict in VERDICTS}
"""What stands in a line of a file with a verdict and in no other: within a JSON string the quotes would be escaped."""


class Verdicts:
    """Counts the files of a scan, and leaves out those that were not asked for.

    section: The section that is read; in all but that of files nothing is counted or left out.
    only: Verdicts of the files to show; none for all files, also those that have no verdict.
    counts: Files that went through, by verdict, the shown and the others.
    """

    def __init__(self, section: str, only: Sequence[str] = ()) -> None:
        self._is_of_files = section == OF_FILES
        self.counts = dict.fromkeys(VERDICTS, 0)
        self._only = tuple(only)
        self._marks = tuple(_MARKS[verdict] for verdict in only)

    def through(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Give whole lines of records, as the worker writes them, without the files that are not shown."""
        if not self._is_of_files:
            yield from blocks
            return
        for block in blocks:
            for verdict, mark in _MARKS.items():
                self.counts[verdict] += block.count(mark)
            shown = self._shown(block) if self._only else block
            if shown:
                yield shown

    def include(self, verdicts: Sequence[str]) -> bool:
        """Tell whether a file that went through has one of these verdicts."""
        return any(self.counts[verdict] for verdict in verdicts)

    def closing(self) -> dict[str, Any]:
        """Give what the object that ends the section tells of its files."""
        if not self._is_of_files:
            return {}
        if not self._only:
            return {"verdicts": self.counts}
        shown = sum(self.counts[verdict] for verdict in self._only)
        return {"verdicts": self.counts, "only": self._only, "shown": shown}

    def _shown(self, block: bytes) -> bytes:
        return b"".join(line for line in block.splitlines(keepends=True) if self._is_shown(line))

    def _is_shown(self, line: bytes) -> bool:
        return not line.startswith(_FILE) or any(mark in line for mark in self._marks)


def counted(closing: Mapping[str, Any]) -> str:
    """Say in a few words how many files have which verdict; those that contradict are counted also when there are none."""
    counts = closing["verdicts"]
    return ", ".join(
        f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict] or verdict == "contradicts"
    )


def none_found(closing: Mapping[str, Any]) -> str:
    """Say that no file has the verdicts that were asked for, and how many files that is said of."""
    asked = " or ".join(VERDICTS[verdict] for verdict in closing["only"])
    compared = sum(closing["verdicts"][verdict] for verdict in COMPARED)
    return f"No file {asked}; {compared} files were compared with their packages."
