"""Databases of apk, written from the format's description: no apk tool and no real database is at hand.

The description is apk-tools' own: apk_db_fdb_write and apk_db_fdb_read of src/database.c, apk_pkg_write_index_header
of src/package.c, and apk-package(5).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTALLED = "lib/apk/db/installed"
HEADER = """\
C:Q1p78yvTLG094tHE1+dToJGbmYzQE=
P:{name}
V:{version}
A:{architecture}
S:383304
I:622592
T:a package
U:https://example.org/
L:{license}
o:{origin}
m:A B <a@example.org>
t:1649396308
c:ee13d43a53938d8a04ba787b9423f3270a3c14a7
{more}"""


def entry(
    name: str,
    version: str = "1.2.3-r4",
    architecture: str = "x86_64",
    license: str = "MIT",
    origin: str | None = None,
    more: str = "",
    files: str = "",
) -> bytes:
    """Give an entry as apk writes it; more are whole lines of its header, files those of its listing."""
    header = HEADER.format(
        name=name, version=version, architecture=architecture, license=license, origin=origin or name, more=more
    )
    return (header + files + "\n").encode()


def listing(files: Mapping[str, bytes]) -> str:
    """Give the lines about some files, which have their paths without leading slash, in directories of any depth."""
    lines = []
    for directory in dict.fromkeys(path.rpartition("/")[0] for path in files):
        lines.append(f"F:{directory}")
        for path, content in files.items():
            if path.rpartition("/")[0] == directory:
                lines += [f"R:{path.rpartition('/')[2]}", "a:0:0:755", f"Z:{digest(content)}"]
    return "".join(f"{line}\n" for line in lines)


def digest(content: bytes) -> str:
    """Give a file's checksum as apk writes it."""
    return "Q1" + b64encode(hashlib.sha1(content).digest()).decode()
