"""What the three backends of rpm's database have in common: they give values, each the header of a package."""

from __future__ import annotations

from typing import Callable

Value = Callable[[int], bytes]
"""Reads the first so many bytes of a header, fewer where it is shorter; Damaged where the database does not hold them."""

VALUES_LIMIT = 100_000
"""Headers that a database may have; the largest installations have some 10,000."""


class Damaged(ValueError):
    """The database, or one header of it, is not what its format says."""
