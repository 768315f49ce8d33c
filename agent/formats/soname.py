"""Names of shared libraries: what a library's file is called beside the name that has its whole version (ld.so(8), dlopen(3))."""

from __future__ import annotations


def shorter(path: str) -> tuple[str, ...]:
    """Give the names that packages have for a library of any version: libx.so.2 and libx.so for libx.so.2.9.

    None for a library without a version in its name.
    """
    folder, slash, name = path.rpartition("/")
    stem, mark, version = name.partition(".so.")
    if not mark:
        return ()
    parts = version.split(".")
    names = (f"{stem}.so.{'.'.join(parts[:count])}" for count in range(len(parts) - 1, 0, -1))
    return tuple(f"{folder}{slash}{each}" for each in (*names, f"{stem}.so"))
