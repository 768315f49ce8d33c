"""What changed between two scans, in groups that have one explanation each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.record import names
from agent.model.records import File, FileChange

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBERS = 1000
_OWNERS = 1000
_CONTENT = frozenset(("type", "sha256", "target", "device"))
"""Fields that say what a path is and holds."""
_PRIVILEGES = frozenset(("capabilities", "marks"))
"""Fields that may say who else a program acts for. No database says how they were shipped, so that no upgrade explains them."""
_JUDGEMENT = frozenset(("owner", "verdict", "compared", "stamp", "unread"))
"""Fields that say what is thought of it."""
_UNKNOWN = "unknown"


class Changes:
    """The changes of one scan.

    at: When it began, seconds since 1970.
    packages_changed: Whether a package database is another than at the last scan.
    """

    def __init__(self, at: int, *, packages_changed: bool) -> None:
        self._at = at
        self._packages_changed = packages_changed
        self._groups: dict[str, _Group] = {}

    def created(self, file: File) -> None:
        """Take a path that is new."""
        self._group(self._arrived(file)).add("created", file.path, file.owner)

    def removed(self, file: File, still_shipped: bool | None) -> None:
        """Take a path that is gone.

        still_shipped: Whether a package ships it all the same; None where that is not known.
        """
        self._group(self._departed(file, still_shipped)).add("removed", file.path, file.owner)

    def modified(self, before: File, after: File) -> None:
        """Take a path that was there and is another; a verdict alone is no change but where it is that of a contradiction."""
        changed = [field for field in _FIELDS if getattr(before, field) != getattr(after, field)]
        if before.unread and "sha256" in changed:  # it was not known before, which is no change
            changed.remove("sha256")
        if not changed and after.verdict == "contradicts" != before.verdict:
            changed = ["verdict"]
        if changed:
            self._group(self._altered(before, after, changed)).add(",".join(changed), after.path, after.owner)

    def records(self) -> Iterator[FileChange]:
        """Give one record a verdict."""
        for verdict, group in sorted(self._groups.items()):
            yield group.record(self._at, verdict)

    def _group(self, verdict: str) -> _Group:
        return self._groups.setdefault(verdict, _Group())

    def _arrived(self, file: File) -> str:
        if file.verdict == "packaged" or (file.verdict is None and file.owner and self._packages_changed):
            return "explained" if self._packages_changed else "packaged"
        return file.verdict or _UNKNOWN

    def _departed(self, file: File, still_shipped: bool | None) -> str:
        if not file.owner:
            return "unowned" if file.verdict == "unowned" else _UNKNOWN
        if still_shipped is None:
            return _UNKNOWN
        if not still_shipped:
            return "explained"
        return "configured" if file.verdict == "configured" else "contradicts"

    def _altered(self, before: File, after: File, changed: list[str]) -> str:
        """Judge a change. What a package's own upgrade brings is of its content; a mode alone is explained by nothing."""
        if _CONTENT.isdisjoint(changed) and changed != ["verdict"]:
            if after.verdict == "pending":
                return "pending"
            touched = set(changed) <= {"modified_at", "links", "size", "marks"} and "marks" not in changed
            if touched and after.owner and self._packages_changed:
                return "explained"
            return "altered" if after.owner else (after.verdict or _UNKNOWN)
        if after.verdict == "packaged":
            if not _PRIVILEGES.isdisjoint(changed):
                return "altered"
            return "explained" if self._packages_changed else "packaged"
        if after.verdict is None and after.owner and before.owner and self._packages_changed:
            return "explained"
        return after.verdict or _UNKNOWN


class _Group:
    """Changes that have the same explanation."""

    def __init__(self) -> None:
        self._counts = {"created": 0, "removed": 0}
        self._modified = 0
        self._members: list[tuple[str, str]] = []
        self._packages: set[str] = set()

    def add(self, what: str, path: str, package: str | None) -> None:
        if what in self._counts:
            self._counts[what] += 1
        else:
            self._modified += 1
        if len(self._members) < _MEMBERS:
            self._members.append((path, what))
        if package and len(self._packages) < _OWNERS:
            self._packages.add(package)

    def record(self, at: int, verdict: str) -> FileChange:
        total = self._modified + sum(self._counts.values())
        return FileChange(
            at=at,
            verdict=verdict,
            created=self._counts["created"],
            modified=self._modified,
            removed=self._counts["removed"],
            packages=tuple(sorted(self._packages)),
            members=tuple(f"{what} {path}" for path, what in sorted(self._members)),
            omitted=total - len(self._members),
        )


_FIELDS = tuple(name for name in names(File) if name not in _JUDGEMENT)
