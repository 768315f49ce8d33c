"""The facts of the section integrity: every watched path, what changed, who changed it, and what was covered."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class File:
    """A path below a watched tree, of any type, as it was when last looked at; never its content.

    path: Where it is, below the root.
    type: regular, directory, symlink, fifo, socket, character_device, block_device.
    sha256: SHA-256 of a regular file's content, hexadecimal; null where it was not read whole (see unread).
    unread: Why a regular file's content has no digest: changing, too_large, budget, unreadable, vanished; null where it has one or none is due.
    size: Bytes of a regular file or of a link's target; null for all others.
    mode: Permissions as four octal digits, those of setuid, setgid and sticky first.
    uid: Number of the user that owns it.
    gid: Number of the group that owns it.
    user: Name of that user in the root's own /etc/passwd; null where it has none there.
    group: Name of that group in the root's own /etc/group; null where it has none there.
    modified_at: When its content was last modified (mtime), seconds since 1970; null for directories, where every change of a name counts.
    target: Where a link leads, as it is written; null for all others.
    links: Hard links to it; null for directories.
    device: Major and minor number of a device, with a colon between; null for all others.
    file_system: Type of the file system that it is on, ext4 or overlay for example; null where that is not known.
    capabilities: File capabilities in the text form of getcap(8), for example cap_net_raw=ep; null without.
    selinux: SELinux label; null without.
    acl: SHA-256 of its POSIX access control lists (access, then default), hexadecimal; null without.
    attributes: immutable, append_only, where the file system says so (chattr(1)); null where it does not tell.
    marks: setuid, setgid, world_writable (without sticky, on no link), sparse.
    owner: Key of the package's record that ships it; null where none does, or that is not known.
    verdict: packaged, configured, unowned, contradicts, pending while a package manager is at work; null where nothing can be compared.
    compared: Digest of its content by which it is compared with what its package shipped, md5:... for example; null where SHA-256 serves or nothing is compared.
    stamp: Device, inode, size, mtime and ctime by which the next scan knows that it is unchanged; another text where it is to be looked at again.
    """

    KIND: ClassVar[str] = "file"
    VOLATILE: ClassVar[tuple[str, ...]] = ("compared", "stamp")

    path: str
    type: str
    sha256: str | None
    unread: str | None
    size: int | None
    mode: str
    uid: int
    gid: int
    user: str | None
    group: str | None
    modified_at: int | None
    target: str | None
    links: int | None
    device: str | None
    file_system: str | None
    capabilities: str | None
    selinux: str | None
    acl: str | None
    attributes: tuple[str, ...] | None
    marks: tuple[str, ...]
    owner: str | None
    verdict: str | None
    compared: str | None
    stamp: str

    @property
    def key(self) -> str:
        """<path>"""
        return self.path


@record(frozen=True)
class FileChange:
    """What changed between two scans and has one explanation: an upgrade of 500 files is one of these.

    at: When the scan that found it began, seconds since 1970.
    verdict: explained, packaged, configured, altered (content as shipped, but mode, owner or the like are others), unowned, contradicts, pending; unknown where nothing can be compared.
    created: Paths that are new.
    modified: Paths that were there and are not what they were.
    removed: Paths that are gone.
    packages: Keys of the packages that ship them, sorted.
    members: The first 1,000 paths, sorted, before each what happened to it: created, removed, or the names of the fields of its record that changed with commas between.
    omitted: Members beyond those.
    """

    KIND: ClassVar[str] = "file_change"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    at: int
    verdict: str
    created: int
    modified: int
    removed: int
    packages: tuple[str, ...]
    members: tuple[str, ...]
    omitted: int

    @property
    def key(self) -> str:
        """change/<at>/<verdict>"""
        return f"change/{self.at:010d}/{self.verdict}"


@record(frozen=True)
class FileEvent:
    """What one process did to one path within one minute, as the watcher saw it.

    minute: The minute that it began in, seconds since 1970.
    path: The path, below the root.
    actions: Of create, modify, attributes, delete, move_from, move_to, execute those that were seen, sorted.
    count: Events that this record stands for.
    first_at: When the first was read, seconds since 1970.
    last_at: When the last was read, seconds since 1970.
    pid: Process that did it; null where the kernel does not say (it ended, or the watcher is unprivileged).
    executable: Program of the process, below the root; null where it could not be seen any more.
    package: Key of the package that owns the program; null where none does or that is not known.
    container: Id of the container that the process is in; null for none.
    uid: Number of the user of the process; null where it could not be seen any more.
    login_uid: Number of the user who logged in (loginuid of proc(5)), whatever the process became since; null for none.
    login_user: Name of that user; null without.
    """

    KIND: ClassVar[str] = "file_event"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    minute: int
    path: str
    actions: tuple[str, ...]
    count: int
    first_at: int
    last_at: int
    pid: int | None
    executable: str | None
    package: str | None
    container: str | None
    uid: int | None
    login_uid: int | None
    login_user: str | None

    @property
    def key(self) -> str:
        """event/<minute>/<pid>/<path>"""
        return f"event/{self.minute:010d}/{self.pid or 0}{self.path}"


@record(frozen=True)
class FileWatch:
    """Whether changes of files are watched as they happen.

    state: watching, ended, unavailable, off.
    form: file_systems, or directories where the agent may not watch whole file systems and the kernel does not tell who did it; null unless watching.
    reason: Why it is not watching, or which places it cannot watch; null while it watches them all.
    since: When it began, seconds since 1970; null unless watching.
    missed: Events that are known to have been lost since then, by the queue of the kernel or the bounds of the journal; 0 for none.
    """

    KIND: ClassVar[str] = "file_watch"
    VOLATILE: ClassVar[tuple[str, ...]] = ("since", "missed")

    state: str
    form: str | None
    reason: str | None
    since: int | None
    missed: int

    @property
    def key(self) -> str:
        """watch"""
        return "watch"


@record(frozen=True)
class IntegrityScan:
    """What the last scan covered that found anything to tell.

    trees: Trees that are watched, each with a colon and its depth behind where that is limited.
    excluded: Patterns of what is left out of them.
    databases: Package databases that verdicts were taken from, each with a stamp of what it was behind a colon.
    paths: Paths that it met.
    files_read: Regular files whose content it read.
    bytes_read: Bytes that it read of them.
    reread: Of those files, the unchanged ones that were due for another reading.
    scanned_at: When it began, seconds since 1970.
    """

    KIND: ClassVar[str] = "integrity_scan"
    VOLATILE: ClassVar[tuple[str, ...]] = ("databases", "paths", "files_read", "bytes_read", "reread", "scanned_at")

    trees: tuple[str, ...]
    excluded: tuple[str, ...]
    databases: tuple[str, ...]
    paths: int
    files_read: int
    bytes_read: int
    reread: int
    scanned_at: int

    @property
    def key(self) -> str:
        """scan"""
        return "scan"
