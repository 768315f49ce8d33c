"""The process that opened a file: in which container it is, and whether it can run what it opened.

A file of code that is merely read is not used: by a package manager, a scanner, a backup. So a file of a language counts
where a process opens it that runs this language, and a library wherever it is loaded.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.cgroup import container_id
from agent.host.errors import LimitReached
from agent.inventory.code import languages_run_by

if TYPE_CHECKING:
    from agent.host.procfs import ProcFS

_START = 4096
"""Bytes read of cgroup, status and cmdline, of which the start suffices."""
_MAPS = 1024 * 1024
_KNOWN = 256
_FRESH = 0.02
"""Seconds for which what was read of a process holds without another look."""
_GONE = 1.0
"""Seconds for which it holds when the process is gone: a number is not given anew so soon."""
_MAPPED_NAME = re.compile(rb"/([^/\n]+)\n")

_READERS = frozenset(
    b"apk apt apt-get aptitude awk b2sum bsdtar bzip2 cat cksum clamd clamscan cmp cp cpio diff dnf dpkg dpkg-deb dpkg-query "
    b"egrep fgrep file find gawk git grep gzip head install ldconfig ldconfig.real less mawk md5sum microdnf more mv nm "
    b"objdump od osqueryd osqueryi pacman readelf restic rg rpm rsync sed sha1sum sha224sum sha256sum sha384sum sha512sum "
    b"strings strip tail tar unzip vi vim wc xxd xz yum zip zstd zypper".split()
)
"""Programs that read files of code without running them, by name."""
_MANAGERS = frozenset(
    b"compileall composer composer.phar conda corepack cpan cpanm easy_install ensurepip gem mamba npm npm-cli.js npx npx-cli.js pdm pip pip3 "
    b"pipenv pipx pnpm pnpm.cjs poetry py3compile py3clean py_compile pycompile uv virtualenv yarn yarn.js".split()
)
"""Package managers and compilers that are written in the language whose files they handle, by a word of their command."""
_BUNDLERS = frozenset((b"bundle", b"bundler"))
_TOOLS = frozenset(b"jar jarsigner javac javap jdeps jlink jmod keytool".split())
"""Programs of Java that read archives and run none."""
_PIP = re.compile(rb"pip3?\.\d[\d.]*")
_WORDS = 4


class Opener(NamedTuple):
    """A process as it was when looked at.

    scope: Its container; None outside of containers.
    executable: Path of its program.
    languages: What its program runs, by its name.
    reads: Whether it is known to read files of code without running them.
    root: Whether its effective user is user 0 of the host.
    """

    scope: str | None
    executable: str
    languages: frozenset[str]
    reads: bool
    root: bool


class Openers:
    """Looks at processes, and remembers the last of them for a moment."""

    def __init__(self, proc: ProcFS) -> None:
        self._proc = proc
        self._seen: dict[int, tuple[float, Opener]] = {}
        self._container_of = lru_cache(_KNOWN)(container_id)

    def of(self, pid: int, clock: float) -> Opener | None:
        """Give a process; None where it ended before it could be looked at.

        clock: Seconds of a clock that is not set.
        """
        at, seen = self._seen.get(pid, (0.0, None))
        if seen and clock - at < _FRESH:
            return seen
        try:
            found = self._look(pid, seen)
        except OSError:
            return seen if seen and clock - at < _GONE else None
        self._keep(pid, clock, found)
        return found

    def embeds(self, pid: int, language: str) -> bool:
        """Tell whether a process has a library in memory that runs a language, as a server with an interpreter in it."""
        return any(language in languages_run_by(name) for name in set(_MAPPED_NAME.findall(self._maps(pid))))

    def has_mapped(self, pid: int, path: str) -> bool:
        """Tell whether a process has a file in memory."""
        return b" %b\n" % os.fsencode(path) in self._maps(pid)

    def _maps(self, pid: int) -> bytes:
        try:
            return b"".join(self._proc.blocks(f"{pid}/maps", _MAPS))
        except (OSError, LimitReached):
            return b""

    def _look(self, pid: int, before: Opener | None) -> Opener:
        executable = self._proc.link(f"{pid}/exe")
        scope = self._container_of(self._proc.head(f"{pid}/cgroup", _START))
        root = self._is_root(pid)
        if before and before.executable == executable:
            return before._replace(scope=scope, root=root)
        name = os.fsencode(executable).rpartition(b"/")[2].removesuffix(b" (deleted)")
        languages = languages_run_by(name)
        reads = name in _READERS or name in _TOOLS or bool(languages and self._manages(pid))
        return Opener(scope, executable, languages, reads, root)

    def _manages(self, pid: int) -> bool:
        """Tell from the first words of its command whether an interpreter runs a package manager; they go nowhere else."""
        words = self._proc.head(f"{pid}/cmdline", _START).split(b"\0")[1 : 1 + _WORDS]
        names = [word.rpartition(b"/")[2] for word in words]
        if any(name in _BUNDLERS for name in names):
            return b"exec" not in words
        return any(name in _MANAGERS or _PIP.fullmatch(name) for name in names)

    def _is_root(self, pid: int) -> bool:
        if self._proc.stat(str(pid)).st_uid != 0:
            return False
        _, _, line = self._proc.head(f"{pid}/status", _START).partition(b"\nUid:")
        return line.split(None, 2)[1:2] == [b"0"]

    def _keep(self, pid: int, clock: float, opener: Opener) -> None:
        self._seen.pop(pid, None)
        if len(self._seen) >= _KNOWN:
            del self._seen[next(iter(self._seen))]
        self._seen[pid] = clock, opener
