"""The command as users run it: a process with an environment and a state folder of the test's own."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import termios
from typing import TYPE_CHECKING, Any

from tests.agent.worker.processes import Collectors, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Command:
    """stocktake, with the collectors of the test beside our own when they are wanted."""

    def __init__(self, state: Path, collectors: Collectors) -> None:
        self.state = state
        self.variables = {
            "PATH": os.environ["PATH"],
            "STOCKTAKE_STATE_DIR": str(state),
            "STOCKTAKE_PACKAGES_PARTS": "dpkg",
        }
        self._collectors = collectors

    def words(self, *arguments: object) -> list[str]:
        more = self._collectors.folder if any(self._collectors.folder.iterdir()) else None
        return [*words("agent.cli", more), *map(str, arguments)]

    def start(
        self, *arguments: object, variables: Mapping[str, str] | None = None, **how: Any
    ) -> subprocess.Popen[bytes]:
        """Start it with these arguments, or with the words that are given as args."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**self.variables, **(variables or {})}
        command = how.pop("args", None) or self.words(*arguments)
        return subprocess.Popen(command, bufsize=0, env=environment, **{**pipes, **how})

    def __call__(
        self, *arguments: object, variables: Mapping[str, str] | None = None, **how: Any
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, variables=variables, **how) as process:
            said, complained = process.communicate(timeout=60)
        return subprocess.CompletedProcess(
            process.args, process.returncode, (said or b"").decode(), (complained or b"").decode()
        )

    def on_terminal(self, width: int, *arguments: object, stream: str = "stdout") -> str:
        """Run with one stream on a terminal of some width, and give all that appeared there."""
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        others = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with self.start(*arguments, **{**others, stream: slave}):
            os.close(slave)
            return _all_of(master).decode()


def _all_of(master: int) -> bytes:
    """Read a terminal until nobody has its other side open, which is EIO."""
    found = b""
    try:
        while chunk := os.read(master, 4096):
            found += chunk
    except OSError:
        pass
    os.close(master)
    return found
