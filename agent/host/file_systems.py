"""Types of file systems: which may be walked, and which hold no software (filesystems(5), Documentation/filesystems)."""

from __future__ import annotations

_ON_DISKS = (
    *("ext2", "ext3", "ext4", "xfs", "btrfs", "bcachefs", "zfs", "f2fs", "jfs", "reiserfs", "nilfs2", "ufs", "minix"),
    *("vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfs", "hfsplus", "iso9660", "udf", "ubifs", "jffs2"),
    *("squashfs", "erofs", "cramfs", "romfs"),
)
"""Their content is on a disk, a flash chip or an image file of the machine."""
_IN_MEMORY = ("tmpfs", "ramfs", "rootfs")
"""Their content is in memory, and may be any file."""
_LAYERED = ("overlay", "overlayfs", "aufs")
"""They show directories of other file systems of the machine: the roots of containers and of live systems."""

LOCAL = frozenset((*_ON_DISKS, *_IN_MEMORY, *_LAYERED))
"""Types whose files the kernel itself reads without asking anybody: a look at them cannot hang."""

NOT_STORAGE = frozenset(
    (
        *("proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "cpuset", "bpf", "mqueue", "nsfs", "pidfs"),
        *("debugfs", "tracefs", "securityfs", "selinuxfs", "smackfs", "apparmorfs", "configfs", "pstore", "efivarfs"),
        *("binfmt_misc", "fusectl", "hugetlbfs", "rpc_pipefs", "nfsd", "resctrl", "binder", "functionfs", "openpromfs"),
    )
)
"""Types whose files are the kernel's objects: they hold no software, so that nothing is missing without them."""

_ASKS = {
    "autofs": "a look at it would mount something",
    "fuseblk": "a process answers for it, which may never do so",
    "fuse": "a process answers for it, which may never do so",
    "virtiofs": "the machine's host answers for it, which may never do so",
    "9p": "another system answers for it, which may never do so",
    "vboxsf": "the machine's host answers for it, which may never do so",
}


def why_not(file_system: str) -> str:
    """Say why a type that is neither LOCAL nor NOT_STORAGE is not walked: it is remote unless it is known to be local."""
    kind = file_system.partition(".")[0]  # fuse.sshfs is fuse
    return _ASKS.get(kind, "it is a network file system, or one that stocktake does not know to be local")
