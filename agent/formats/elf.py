"""The head of an ELF file: which machine a program is for (elf(5), the System V ABI's e_machine)."""

from __future__ import annotations

HEAD = 20
"""Bytes that machine() needs."""

_MACHINES = {
    (2, 1): "sparc",
    (3, 1): "i686",
    (8, 1): "mips",
    (8, 2): "mips64",
    (20, 1): "ppc",
    (21, 2): "ppc64",
    (22, 1): "s390",
    (22, 2): "s390x",
    (40, 1): "arm",
    (43, 2): "sparc64",
    (62, 1): "x86_64",
    (62, 2): "x86_64",
    (183, 2): "aarch64",
    (243, 1): "riscv32",
    (243, 2): "riscv64",
    (258, 2): "loongarch64",
}
"""Names as uname(2) gives them, by e_machine and class (1 is 32 bits, 2 is 64 bits)."""
_LITTLE_ENDIAN = {"mips": "mipsel", "mips64": "mips64el", "ppc64": "ppc64le"}


def machine(head: bytes) -> str | None:
    """Give the machine that the head of a file is for; None for what is no ELF file or no known machine."""
    if len(head) < HEAD or head[:4] != b"\x7fELF":
        return None
    little = head[5] == 1
    number = int.from_bytes(head[18:20], "little" if little else "big")
    name = _MACHINES.get((number, head[4]))
    return _LITTLE_ENDIAN.get(name, name) if little and name else name
