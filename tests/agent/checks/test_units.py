"""Units as systemctl makes them in a root, which our reading has to see as systemctl does."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.checks.engine.system import System
from agent.checks.sources import units
from agent.host import open_host
from tests.hosts.judged import planted

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("systemctl"), reason="systemctl is not installed")

UNITS = "usr/lib/systemd/system"
SERVICE = b"[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
FILES = {
    f"{UNITS}/multi-user.target": b"[Unit]\n",
    f"{UNITS}/plain.service": SERVICE,
    f"{UNITS}/named.service": SERVICE + b"Alias=bind.service\n",
    f"{UNITS}/also.service": SERVICE.replace(b"WantedBy=multi-user.target", b"Also=also.socket"),
    f"{UNITS}/also.socket": b"[Socket]\nListenStream=1\n[Install]\nWantedBy=sockets.target\n",
    f"{UNITS}/needed.service": SERVICE.replace(b"WantedBy", b"RequiredBy"),
    f"{UNITS}/many@.service": SERVICE,
    f"{UNITS}/static.service": b"[Service]\nExecStart=/bin/true\n",
}

COMMANDS = [
    ((), "plain.service", "off"),
    (("enable plain.service",), "plain.service", "on"),
    (("enable plain.service", "disable plain.service"), "plain.service", "off"),
    (("enable plain.service", "mask plain.service"), "plain.service", "masked"),
    (("enable plain.service", "mask --runtime plain.service"), "plain.service", "masked"),
    (("mask plain.service", "unmask plain.service"), "plain.service", "off"),
    (("enable named.service",), "named.service", "on"),
    (("enable named.service",), "bind.service", "on"),
    (("enable named.service", "disable named.service"), "bind.service", "off"),
    (("enable also.service",), "also.service", "on"),  # by its socket
    (("enable also.service", "mask also.service"), "also.service", "masked"),
    (("enable needed.service",), "needed.service", "on"),
    (("enable many@one.service",), "many@one.service", "on"),
    (("enable many@one.service",), "many@two.service", "off"),
    (("add-wants multi-user.target static.service",), "static.service", "on"),
    ((), "static.service", "off"),
    (("mask absent.service",), "absent.service", "masked"),
    ((), "absent.service", "off"),
]


def state(root: Path, name: str) -> str:
    unit = System(open_host(str(root))).get(units.resolved, name)
    return "masked" if unit.masked else "on" if unit.is_on else "off"


@pytest.mark.parametrize(("commands", "unit", "expected"), COMMANDS)
def test_a_unit_is_what_systemctl_made_of_it(
    tmp_path: Path, commands: tuple[str, ...], unit: str, expected: str
) -> None:
    planted(tmp_path, {**FILES, "etc/os-release": b"ID=debian\n"})
    for command in commands:
        subprocess.run(["systemctl", f"--root={tmp_path}", *command.split()], check=True, capture_output=True)
    assert state(tmp_path, unit) == expected


@pytest.mark.parametrize(
    ("target", "expected"), [("multi-user.target", "multi-user.target"), ("graphical.target", "graphical.target")]
)
def test_the_default_target_is_the_one_that_systemctl_set(tmp_path: Path, target: str, expected: str) -> None:
    planted(
        tmp_path, {**FILES, f"{UNITS}/graphical.target": b"[Unit]\n", f"{UNITS}/default.target": "graphical.target"}
    )
    subprocess.run(["systemctl", f"--root={tmp_path}", "set-default", target], check=True, capture_output=True)
    assert units.default_target(System(open_host(str(tmp_path))))[0] == expected
