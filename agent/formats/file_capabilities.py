"""Capabilities of files: the extended attribute security.capability (vfs_cap_data of include/uapi/linux/capability.h).

The text is that of getcap(8), which cap_to_text(3) describes.
"""

from __future__ import annotations

import struct

from agent.formats.capabilities import names

_EFFECTIVE = 0x000001
_PAIRS = {0x01: 1, 0x02: 2, 0x03: 2}
"""Words that have permitted and inheritable bits, by revision."""
_WITH_ROOT = 0x03
_NAMED = 41
"""Bits that have names; the state that most of these share is taken for granted in the text."""
_BITS = 64
_FLAGS = ((1, "e"), (4, "i"), (2, "p"))
"""Effective, inheritable, permitted: bits of a capability's state, in the order of the text."""


def text(value: bytes) -> str:
    """Give the text, for example cap_net_raw=ep, with [rootid=N] behind for those of a user namespace; ValueError when malformed."""
    try:
        (magic,) = struct.unpack_from("<I", value)
        revision = magic >> 24
        end = 4 + 8 * _PAIRS[revision]
        words = list(struct.iter_unpack("<II", value[4:end]))
        root = struct.unpack_from("<I", value, end)[0] if revision == _WITH_ROOT else 0
    except (struct.error, KeyError):
        raise ValueError("not the capabilities of a file") from None
    if len(value) != end + (4 if revision == _WITH_ROOT else 0):
        raise ValueError("not the capabilities of a file")
    permitted, inheritable = (sum(pair[which] << 32 * at for at, pair in enumerate(words)) for which in (0, 1))
    plain = _text([_state(permitted >> bit & 1, inheritable >> bit & 1, magic & _EFFECTIVE) for bit in range(_BITS)])
    return f"{plain} [rootid={root}]" if root else plain


def _state(permitted: int, inheritable: int, effective: int) -> int:
    return permitted << 1 | inheritable << 2 | (effective & (permitted | inheritable))


def _text(states: list[int]) -> str:
    usual = max(range(8), key=lambda state: (states[:_NAMED].count(state), -state))
    clauses = [f"={_flags(usual)}"]
    for state in range(7, -1, -1):
        bits = [bit for bit in range(_BITS) if states[bit] == state and (state or bit < _NAMED)]
        if state != usual and bits:
            clauses.append(",".join(names(1 << bit)[0] for bit in bits) + _change(usual, state))
    if clauses[0] == "=" and len(clauses) > 1 and "+" in clauses[1]:
        clauses[:2] = [clauses[1].replace("+", "=", 1)]
    return " ".join(clauses)


def _change(usual: int, state: int) -> str:
    more, less = state & ~usual, usual & ~state
    return (f"+{_flags(more)}" if more else "") + (f"-{_flags(less)}" if less else "")


def _flags(state: int) -> str:
    return "".join(flag for bit, flag in _FLAGS if state & bit)
