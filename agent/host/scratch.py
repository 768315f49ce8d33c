"""Files of the agent's own without a name, of which nothing is left when the process ends, however it does."""

from __future__ import annotations

import errno
import os
from typing import BinaryIO

_FLAGS = os.O_RDWR | os.O_CLOEXEC
_UNSUPPORTED = (errno.EISDIR, errno.ENOENT, errno.EOPNOTSUPP)
"""What open(2) says where the file system or the kernel has no files without a name."""


def nameless(folder: str, buffer: int) -> BinaryIO:
    """Make a file in a folder of the agent's own, for writing and reading; OSError as the kernel's.

    buffer: Bytes of its buffer.
    """
    return open(_made(folder), "w+b", buffer)


def _made(folder: str) -> int:
    try:
        return os.open(folder, _FLAGS | os.O_TMPFILE, 0o600)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    path = os.path.join(folder, f"scratch-{os.getpid()}-{os.urandom(8).hex()}")
    fd = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    os.unlink(path)
    return fd
