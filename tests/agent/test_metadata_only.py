"""Metadata only: secrets are planted all over a host, and nothing that the agent says holds any of them.

The tables below grow with the agent: every collector is asked, whatever sections there are.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agent.worker.collectors import sections
from tests.agent.cli.command import Command
from tests.agent.worker.processes import Collectors
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTAINER = "c" * 64
FILES = {
    "etc/shadow": "root:{}:19000:0:99999:7:::\n",
    "etc/passwd": "root:{0}:0:0:{0}:/root:/bin/sh\n",
    "etc/gshadow": "root:{}::\n",
    "etc/environment": "TOKEN={}\n",
    "etc/hosts": "127.0.0.1 localhost # {}\n",
    "etc/os-release": "ID=debian\nVERSION_ID=12\nAPI_TOKEN={0}\n# {0}\n",
    "etc/app/app.conf": "password = {}\n",
    "etc/ssh/ssh_host_ed25519_key": "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n",
    "etc/ssl/private/host.pem": "-----BEGIN PRIVATE KEY-----\n{}\n",
    "etc/kubernetes/admin.conf": "token: {}\n",
    "root/.ssh/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n",
    "root/.aws/credentials": "[default]\naws_secret_access_key = {}\n",
    "root/.docker/config.json": '{{"auths": {{"r": {{"auth": "{}"}}}}}}\n',
    "root/.bash_history": "mysql -p{}\n",
    "root/.netrc": "machine backend login a password {}\n",
    "run/secrets/token": "{}\n",
    STATUS: stanza(
        "app", more="Conffiles:\n /etc/app/app.conf {0}\nHomepage: https://u:{0}@a.example\nX-Token: {0}\n"
    ).decode()
    + stanza("web").decode().replace("a package", "{0}"),
    "var/lib/dpkg/info/app.postinst": "#!/bin/sh\nTOKEN={}\n",
    "var/lib/dpkg/info/app.list": "/.\n/etc/{}\n",
    "lib/apk/db/installed": "P:tea\nV:1-r0\nA:x86_64\nT:{0}\nU:https://u:{0}@a.example\nm:{0}\nc:{0}\nD:{0}\n\n",
    "var/lib/pacman/local/tea-1-1/desc": (
        "%NAME%\ntea\n\n%VERSION%\n1-1\n\n%DESC%\n{0}\n\n%URL%\n{0}\n\n%PACKAGER%\n{0}\n\n%XDATA%\n{0}\n\n"
    ),
    "var/lib/snapd/state.json": (
        '{{"data":{{"auth":{{"macaroon":"{0}"}},"snap-cookies":{{"{0}":"tea"}},"snaps":{{"tea":{{"current":"1",'
        '"sequence":[{{"revision":"1","edited-links":"{0}"}}],"cohort-key":"{0}"}}}}}},"tasks":{{"1":{{"data":"{0}"}}}}}}'
    ),
    "snap/tea/1/meta/snap.yaml": "version: 1\nenvironment:\n  TOKEN: {}\n",
    "var/cache/debconf/passwords.dat": "Name: app/password\nValue: {}\n",
    f"var/lib/docker/containers/{CONTAINER}/config.v2.json": (
        '{{"Config": {{"Env": ["TOKEN={0}"], "Cmd": ["{0}"]}}, "NetworkSettings": {{"Ports": {{}}}}}}'
    ),
    f"var/lib/cni/results/bridge-{CONTAINER}-eth0": '{{"capabilityArgs": {{"token": "{}"}}}}',
}
"""Path below the root to what is in it; the braces take a secret."""
BROKEN = {
    **dict.fromkeys(FILES, "\0{0}\n{0}: {0}\n[{0}\n"),
    STATUS: "Package: app\nStatus: {0}\n\nVersion: {0}\n\n{0}\n\n{0}: {0}\n\n" + stanza("web").decode(),
    "lib/apk/db/installed": "P:pot\nV:1\n{0}\n\nV:{0}\n\n{0}:\n\nP:tea\nV:1-r0\nA:x86_64\n\n{0}",
    "etc/machine-id": "{}\n",
    "etc/os-release": "{0}\n'{0}\nID='{0}\n=\n",
    "run/systemd/container": "{} {}\n",
    "run/host/container-manager": "{} {}\n",
    "run/.containerenv": 'engine="{}"\n',
}
"""The same files as no program would write them: what is said about them must not quote them."""
PROCESS = """\
import socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
unix = socket.socket(socket.AF_UNIX)
unix.bind("\\0stocktake-test-of-metadata")
unix.listen()
held = open(sys.argv[1])
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""
SETTINGS = ("STOCKTAKE_BACKEND_TOKEN", "STOCKTAKE_BACKEND_JOIN_TOKEN", "STOCKTAKE_BACKEND_PROXY")
ATTRIBUTES = {"user.token": "etc/app/app.conf", "user.note": "etc/app", "user.key": "root/.netrc"}
"""Extended attribute to the path that has it; what is in it is content."""
EDIT = ("edit",)
"""Stands among the commands for an edit of a file."""
EDITED = "etc/environment"
"""A file that is edited between two collections: neither of its contents, nor what is different, is said."""
ELSEWHERE = (*ATTRIBUTES, "edit", "argv", "argv0", "environ", "configuration", "flag", "unknown variable", *SETTINGS)
PLACES = (*FILES, *(name for name in BROKEN if name not in FILES), *ELSEWHERE)


def secret(place: str) -> str:
    """Give the secret of a place, without anything of the place's own name in it."""
    return f"hunter{PLACES.index(place):03}x"


def filled(files: dict[str, str]) -> dict[str, bytes]:
    return {
        path: text.format(*[secret(path)] * text.count("{}"), secret(path)).encode() for path, text in files.items()
    }


@pytest.fixture(scope="module", params=[FILES, BROKEN], ids=["well-formed", "broken"])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """All that the agent says and keeps about a host full of secrets, by where it was said."""
    folder = tmp_path_factory.mktemp("host")
    root = plant(folder / "root", filled(request.param))
    for name, path in ATTRIBUTES.items():
        os.setxattr(root / path, name, secret(name).encode())
    held = root / "root/.aws/credentials"
    environment = {"PATH": os.environ["PATH"], "TOKEN": secret("environ")}
    words = [f"app-{secret('argv0')}", "-I", "-c", PROCESS, str(held), "--password", secret("argv")]
    with subprocess.Popen(
        words, executable=sys.executable, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        port = process.stdout.readline().decode().strip()
        yield {"the port": port, **all_that_is_said(folder, root)}
        process.stdin.close()


def all_that_is_said(folder: Path, root: Path) -> dict[str, str]:
    stocktake = Command(folder / "state", Collectors(folder / "more"))
    del stocktake.variables["STOCKTAKE_PACKAGES_PARTS"]
    stocktake.variables.update(
        {
            "STOCKTAKE_ROOT": str(root),
            "STOCKTAKE_PROC": "/proc",
            "STOCKTAKE_INTEGRITY_TREES": "/",
            "STOCKTAKE_DELIVERY_SINK": "file",
            "STOCKTAKE_DELIVERY_PATH": str(folder / "reports"),
            "STOCKTAKE_BACKEND_TOKEN": secret("STOCKTAKE_BACKEND_TOKEN"),
            "STOCKTAKE_BACKEND_JOIN_TOKEN": secret("STOCKTAKE_BACKEND_JOIN_TOKEN"),
            "STOCKTAKE_BACKEND_PROXY": f"http://u:{secret('STOCKTAKE_BACKEND_PROXY')}@p.example",
            "STOCKTAKE_UNKNOWN": secret("unknown variable"),
        }
    )
    (folder / "wrong.yaml").write_text(
        "backend:\n  token: {0} {0}\n  token_file: {0}\n  url: http://{0}\nhost: {0}\n".format(secret("configuration"))
    )
    commands = [
        *(("scan", section, "--format", form) for section in sections() for form in ("table", "json", "ndjson")),
        ("scan", "--root", str(root)),
        *(("payload", section) for section in sections()),
        ("run", "--once"),
        *(("payload", section) for section in sections()),
        EDIT,
        ("run", "--once"),
        ("payload", "integrity"),
        ("status",),
        ("status", "--json"),
        ("config", "show"),
        ("config", "check", "--config", str(folder / "wrong.yaml"), "--set", f"backend.token={secret('flag')} x"),
    ]
    texts = {}
    for number, command in enumerate(commands):
        if command == EDIT:
            (root / EDITED).write_text(f"TOKEN={secret('edit')}\n")
            continue
        done = stocktake(*command)
        texts[f"{number}: {' '.join(command)}"] = done.stdout + done.stderr
    return {**texts, **kept(folder)}


def kept(folder: Path) -> dict[str, str]:
    """Give what is written: the reports, and every file of the state but that which keeps the settings."""
    paths = [folder / "reports", *(path for path in (folder / "state").rglob("*") if path.is_file())]
    return {path.name: path.read_text("utf-8", "replace") for path in paths if path.name != "settings.json"}


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_is_in_anything_that_is_said_or_kept(said: dict[str, str], place: str) -> None:
    plain = secret(place)
    forms = (plain, base64.b64encode(plain.encode()).decode().rstrip("="), plain.encode().hex())
    assert [where for where, text in said.items() if any(form in text for form in forms)] == []


def test_the_host_was_seen_while_its_secrets_were_not(said: dict[str, str]) -> None:
    everything = "\n".join(said.values())
    assert f"host/tcp/127.0.0.1/{said['the port']}" in everything
    assert "@stocktake-test-of-metadata" in everything
    assert "dpkg/web:amd64" in said["reports"]
    assert "apk/tea:x86_64" in said["reports"]
    assert '"kind":"host"' in said["reports"]
    assert '"path":"/root/.aws/credentials"' in said["reports"]
    assert '"kind":"file_change"' in said["reports"]
    for section in sections():
        assert any(f"payload {section}" in where and text for where, text in said.items())
