"""The set digest of a section: order-independent and incremental; it detects drift and is no signature."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def _sha256() -> Any:
    """Give Python's own SHA-256: hashlib's would load OpenSSL, 3 MiB and as many milliseconds of every worker."""
    for module in ("_sha2", "_sha256", "hashlib"):
        try:
            return import_module(module).sha256
        except ImportError:
            continue
    raise ImportError("this Python has no SHA-256")


sha256 = _sha256()

_MODULUS = 1 << 256


class SetDigest:
    """Sum modulo 2**256 of the SHA-256 of each record's canonical JSON."""

    def __init__(self, hexadecimal: str = "0" * 64) -> None:
        self._sum = int(hexadecimal, 16)

    def add(self, stable: bytes) -> None:
        """Count a record in."""
        self._sum = (self._sum + int.from_bytes(sha256(stable).digest(), "big")) % _MODULUS

    def remove(self, stable: bytes) -> None:
        """Count a record out."""
        self._sum = (self._sum - int.from_bytes(sha256(stable).digest(), "big")) % _MODULUS

    def add_hashes(self, hashes: Iterable[int]) -> None:
        """Count records in whose SHA-256 are known, as big-endian numbers."""
        self._sum = (self._sum + sum(hashes)) % _MODULUS

    def remove_hashes(self, hashes: Iterable[int]) -> None:
        """Count records out whose SHA-256 are known, as big-endian numbers."""
        self._sum = (self._sum - sum(hashes)) % _MODULUS

    def hex(self) -> str:
        """Give the sum as 64 hexadecimal digits."""
        return f"{self._sum:064x}"
