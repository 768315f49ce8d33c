"""Images that are made to mislead, to exhaust or to escape: each harms its own result alone."""

from __future__ import annotations

import io
import os
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from agent.collectors.containers import collect, inside
from agent.host import open_host
from agent.model.records import ContainedPackage, Container, Gap
from agent.model.spec import Options
from agent.worker.readers import Readers
from tests.e2e.containers.looking import CLI, scan
from tests.hosts.podman import BUSYBOX
from tests.hosts.trees import STATUS, stanza

GOOD = {
    STATUS: stanza("good", "1.0-1"),
    "var/lib/dpkg/info/good.list": b"/.\n",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
}
PACKAGE_JSON = b'{"name": "own", "version": "1"}'
SECRET = "the-secret-of-the-host"


@pytest.fixture
def good(podman):
    """A container that nobody tampers with."""
    return podman.run(podman.image(GOOD))


def is_whole(found, good):
    """Tell whether the other container was read as if nothing was."""
    return set(found.inside(good)) == {"good"} and found.gaps_of(good) == [] and found.contents_of(good)["complete"]


def test_links_that_lead_out_of_the_image_lead_nowhere(podman, good, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "status").write_bytes(stanza(SECRET))
    (outside / "package.json").write_text(f'{{"name": "{SECRET}", "version": "1"}}')
    bad = podman.run(podman.image({"app/node_modules/own/package.json": PACKAGE_JSON}))
    up = "../" * 20
    podman.shell(
        bad,
        f"mkdir -p /var/lib/dpkg /app/node_modules/x /app/node_modules/y /lib/apk; ln -s {up}{outside}/status /{STATUS};"
        f"ln -s /proc/1/root{outside}/package.json /app/node_modules/x/package.json;"
        f"ln -s {outside} /app/node_modules/z; ln -s / /app/all; ln -s /proc/self/root{outside} /lib/apk/db;"
        f"ln -s {up}etc/passwd /etc/os-release",
    )
    found = scan()
    assert SECRET not in repr(found)
    assert set(found.inside(bad)) == {"own"}
    assert is_whole(found, good)


def test_databases_of_a_hundred_gigabytes_are_cut_off(podman, good):
    bad = podman.run(podman.image({"app/node_modules/own/package.json": PACKAGE_JSON}))
    paths = (STATUS, "lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite", "opt/a.jar", "srv/package.json", "bin/program")
    podman.shell(
        bad,
        "".join(f"mkdir -p /{os.path.dirname(path)}; truncate -s 100G /{path};" for path in paths)
        + "chmod +x /bin/program",
    )
    found = scan()
    assert "own" in found.inside(bad)
    assert {gap["reason"] for gap in found.gaps_of(bad)} & {"limit", "malformed"}
    assert not found.contents_of(bad)["complete"]
    assert is_whole(found, good)


def test_fifos_sockets_and_directories_in_place_of_databases_are_not_opened(podman, good):
    bad = podman.run(podman.image({"app/node_modules/own/package.json": PACKAGE_JSON}))
    podman.shell(
        bad,
        f"mkdir -p /var/lib/dpkg/info /lib/apk/db /var/lib/rpm/Packages /srv; mkfifo /{STATUS} /lib/apk/db/installed;"
        "mkfifo /srv/package.json /srv/a.jar /etc/os-release",
    )
    started = time.monotonic()
    found = scan()
    assert time.monotonic() - started < 60
    assert set(found.inside(bad)) == {"own"}
    assert {"dpkg/", "apk/"} <= {
        gap["hides"].rpartition("contents/")[2].partition("/")[2] for gap in found.gaps_of(bad) if gap["hides"]
    }
    assert is_whole(found, good)


def bomb(levels=3, size=32 * 1024 * 1024):
    """A jar within a jar ..., each of many entries of zeros."""
    content = b"\0" * size
    for _ in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(8):
                archive.writestr(f"META-INF/maven/a/b{number}/pom.properties", content[: 1024 * 1024])
                archive.writestr(f"lib/{number}.jar", content)
        content = out.getvalue()
    return content


def test_a_bomb_of_jars_is_put_out(podman, good):
    bad = podman.run(podman.image({"app/bomb.jar": bomb(), "app/node_modules/own/package.json": PACKAGE_JSON}))
    found = scan()
    assert found.contents_of(bad)
    assert any(gap["reason"] == "limit" for gap in found.gaps_of(bad)) or "own" in found.inside(bad)
    assert is_whole(found, good)


def test_names_with_escapes_and_newlines_are_shown_without_them(podman, good):
    escape = "\x1b]0;owned\x07\x1b[2J"
    name = f"evil{escape}\nsecond line"
    files = {
        "app/node_modules/own/package.json": f'{{"name": "{escape}", "version": "1"}}'.replace("\x1b", "\\u001b")
        .replace("\x07", "\\u0007")
        .encode()
    }
    bad = podman.run(podman.image({**files, f"srv/{name}/node_modules/own/package.json": PACKAGE_JSON}))
    done = subprocess.run([*CLI, "scan", "containers"], capture_output=True)
    assert done.returncode in (0, 3)
    assert b"\x1b" not in done.stdout
    assert b"\x07" not in done.stdout
    found = scan()
    assert bad in found.containers
    assert is_whole(found, good)


def test_a_process_that_calls_itself_something_else_is_what_it_is(podman, good):
    """A name of the kernel's may hold what stat and status use between their fields."""
    script = r"printf ') S 1 1\nPid: 1' > /proc/self/comm; while :; do read x < /fifo; done"
    bad = podman.run(podman.image(), command=(BUSYBOX, "sh", "-c", f"mkfifo /fifo; {script}"))
    pid = podman.pid(bad)
    while "S 1 1" not in Path(f"/proc/{pid}/stat").read_text():
        os.kill(pid, 0)
    found = scan()
    assert (found.containers[bad]["pid"], found.containers[bad]["processes"]) == (pid, 1)
    assert is_whole(found, good)


def test_a_container_that_is_removed_while_it_is_read_leaves_a_gap_and_no_damage(podman, good):
    bad = podman.run(podman.image({**GOOD, STATUS: stanza("gone")}))
    readers = Readers(lambda: inside)
    of_bad = {record.id: record for record in take(podman, readers, None) if isinstance(record, Container)}[
        bad
    ].contents
    records = take(podman, readers, bad)
    readers.close()
    found = {record.id: record for record in records if isinstance(record, Container)}
    packages = {record.contents: record.name for record in records if isinstance(record, ContainedPackage)}
    assert packages[found[good].contents] == "good"
    gaps = [record for record in records if isinstance(record, Gap) and of_bad in record.subject]
    assert gaps or packages[of_bad] == "gone"
    assert bad not in scan().containers


def take(podman, readers, removed):
    """Look once in this process; a container is removed after it was found, before the first one is read."""
    left = [removed] if removed else []

    def read(trees, words):
        while left:
            podman.remove(left.pop())
        return readers.read(trees, words)

    return list(collect(open_host("/"), Options(read_apart=read)))


def test_a_container_that_changes_its_database_all_the_time_is_a_gap(podman, good):
    image = podman.image({**GOOD, STATUS: b"".join(stanza(f"p{number}") for number in range(2000))})
    bad = podman.run(image, command=(BUSYBOX, "sh", "-c", f"while :; do cp /{STATUS} /s; mv /s /{STATUS}; done"))
    found = scan()
    assert bad in found.containers
    assert found.inside(bad) or found.gaps_of(bad)
    assert is_whole(found, good)
