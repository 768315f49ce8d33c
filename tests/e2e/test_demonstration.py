"""The main job in one command, on a small root: what the backend knows is shown in five facts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.hosts.trees import plant, stanza

DEMONSTRATION = Path(__file__).parents[2] / "packaging" / "demo.py"


def test_the_backend_knows_the_host_and_five_facts_are_told_the_urgent_ones_first(tmp_path: Path) -> None:
    root = plant(
        tmp_path / "root",
        {
            "var/lib/dpkg/status": stanza("nginx"),
            "var/lib/dpkg/info/nginx.list": b"/.\n/usr\n/usr/bin\n/usr/bin/nginx\n",
            "var/lib/dpkg/info/nginx.md5sums": b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/nginx\n",
            "usr/bin/nginx": b"\x7fELF of somebody else",
            "usr/bin/stranger": b"#!/bin/sh\n",
            "etc/os-release": b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n',
        },
    )
    for name in ("nginx", "stranger"):
        (root / "usr/bin" / name).chmod(0o755)
    environment = {**os.environ, "STOCKTAKE_ROOT": str(root)}
    command = [sys.executable, str(DEMONSTRATION), str(tmp_path / "try")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "The backend knows" in done.stdout
    assert re.search(r"^  packages +\w+ +\d+$", done.stdout, re.MULTILINE)
    assert re.search(r"^  ports +unsupported +0$", done.stdout, re.MULTILINE)
    told = re.findall(r"^  (\d)\. (.*)$", done.stdout, re.MULTILINE)
    assert [number for number, _ in told] == ["1", "2", "3", "4", "5"]
    assert told[0][1].startswith("1 file differing from what its package shipped: /usr/bin/nginx; ")
    assert "1 program not owned by any package: /usr/bin/stranger" in [fact for _, fact in told]
    assert "token" not in done.stdout.lower().replace("tokens", "")
