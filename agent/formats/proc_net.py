"""Sockets of a network namespace, from net/tcp, tcp6, udp, udp6 and unix of proc(5).

Every parser gives what it can read and raises ValueError at the end when lines were malformed.
The formats are Documentation/networking/proc_net_tcp of the kernel and net/unix of proc(5).
"""

from __future__ import annotations

import re
import sys
from binascii import unhexlify
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SYN_RECV = b"03"
_UNCONNECTED = b"07"
_LISTEN = b"0A"
_LISTENING_STREAM = b" 00010000 0001 "
"""Flags (__SO_ACCEPTCON and no other) and type (SOCK_STREAM) of net/unix."""
_UNIX_HEADER = b"Num "
_UNIX_LINE = re.compile(rb"[^ ]+: [^ ]+ [^ ]+ 00010000 0001 [^ ]+ +(\d+) (.+)", re.DOTALL)
"""Inode and path; the path may itself hold white space."""
_MAPPED = b"\0" * 10 + b"\xff\xff"


class InetSocket(NamedTuple):
    """A TCP or UDP socket.

    address: Local address; an IPv4 address on an IPv6 socket is written ::ffff:1.2.3.4.
    port: Local port.
    uid: User id that owns the socket.
    inode: Inode in sockfs, 0 for a socket that no file refers to.
    """

    address: str
    port: int
    uid: int
    inode: int


class UnixSocket(NamedTuple):
    """A listening Unix stream socket.

    path: Path that it was bound to, or @name for an abstract one (whose zero bytes show as @ too).
    inode: Inode in sockfs.
    """

    path: str
    inode: int


def listening(lines: Iterable[bytes], byteorder: str = sys.byteorder) -> Iterator[InetSocket]:
    """Give the listening sockets of net/tcp or tcp6.

    The kernel writes all of them before the first connection, so that no further line is asked for
    (net/ipv4/tcp_ipv4.c; before Linux 4.4 half-open connections stand among them).
    """
    return _sockets(lines, byteorder, (_LISTEN,), (_LISTEN, _SYN_RECV))


def bound(lines: Iterable[bytes], byteorder: str = sys.byteorder) -> Iterator[InetSocket]:
    """Give the sockets of net/udp or udp6 that are bound to a port and not connected."""
    return _sockets(lines, byteorder, (_UNCONNECTED,), ())


def unix_listeners(blocks: Iterable[bytes]) -> Iterator[UnixSocket]:
    """Give the listening stream sockets of net/unix, which comes in blocks of whole lines.

    Of the tens of thousands of lines that there may be, no other is looked at.
    """
    malformed = 0
    for number, block in enumerate(blocks):
        malformed += number == 0 and not block.startswith(_UNIX_HEADER)
        found = block.find(_LISTENING_STREAM)
        while found >= 0:
            start, end = block.rfind(b"\n", 0, found) + 1, block.find(b"\n", found) % (len(block) + 1)
            match = _UNIX_LINE.fullmatch(block, start, end)
            if match is not None:
                yield UnixSocket(match.group(2).decode("utf-8", "surrogateescape"), int(match.group(1)))
            else:
                malformed += 1
            found = block.find(_LISTENING_STREAM, end)
    _complain(malformed)


def _sockets(
    lines: Iterable[bytes], byteorder: str, wanted: tuple[bytes, ...], leading: tuple[bytes, ...]
) -> Iterator[InetSocket]:
    malformed = 0
    for line in _after_header(lines):
        columns = line.split(None, 10)
        try:
            _number, local, _remote, state, _queues, _timer, _retransmits, uid, _timeout, inode = columns[:10]
            if state in wanted:
                address, _, port = local.partition(b":")
                yield InetSocket(_address(address, byteorder), int(port, 16), int(uid), int(inode))
            elif leading and state not in leading:
                break
        except ValueError:
            malformed += 1
    _complain(malformed)


def _after_header(lines: Iterable[bytes]) -> Iterator[bytes]:
    rest = iter(lines)
    next(rest, None)
    return rest


def _complain(malformed: int) -> None:
    if malformed:
        raise ValueError(f"{malformed} malformed lines")


def _address(hexadecimal: bytes, byteorder: str) -> str:
    """Read an address, which the kernel writes as 32-bit words in the byte order of the host."""
    packed = unhexlify(hexadecimal)
    if byteorder == "little":
        packed = b"".join(packed[start : start + 4][::-1] for start in range(0, len(packed), 4))
    if len(packed) == 4:
        return str(IPv4Address(packed))
    if packed.startswith(_MAPPED):
        return f"::ffff:{IPv4Address(packed[12:])}"
    return str(IPv6Address(packed))
