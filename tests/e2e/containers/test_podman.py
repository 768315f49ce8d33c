"""Containers of podman: what they are, how they are confined, and what is in them."""

from __future__ import annotations

import json
import os
import socket

import pytest

from tests.e2e.containers.looking import Kept, scan
from tests.hosts.podman import BUSYBOX, SLEEP
from tests.hosts.trees import STATUS, stanza

SECRET = "hunter2-of-the-container"
DEBIAN = {
    STATUS: stanza("a", "1.0-1") + stanza("b", "2.0-1"),
    **{f"var/lib/dpkg/info/{name}.list": b"/.\n" for name in "ab"},
    "etc/os-release": b'ID=debian\nVERSION_ID="12"\n',
}
DISTROLESS = {
    "var/lib/dpkg/status.d/libc6": b"Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\nMaintainer: x\nDescription: x\n",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
}
METADATA = "usr/lib/python3/dist-packages/{0}-{1}.dist-info/METADATA"
WHEEL = "Metadata-Version: 2.1\nName: {0}\nVersion: {1}\n"


def test_a_container_is_told_as_podman_tells_it_and_nothing_of_its_secrets(podman):
    image = podman.image(DEBIAN)
    made = podman.run(
        image, "--name", "web", "-e", f"P={SECRET}", "--label", f"l={SECRET}", command=(*SLEEP, SECRET)[:3]
    )
    told, found = podman.inspect(made), scan()
    container = found.containers[made]
    assert (container["runtime"], container["name"], container["image"]) == ("podman", "web", image)
    assert container["image_digest"] == told["ImageDigest"]
    assert container["layers"] == json.loads(podman("image", "inspect", image))[0]["RootFS"]["Layers"]
    assert (container["pid"], container["processes"], container["user"]) == (told["State"]["Pid"], 1, "0:0")
    assert abs(container["started"] - os.stat(f"/proc/{container['pid']}").st_ctime) < 60
    assert (container["privileged"], container["capabilities"], container["read_only"]) == (False, [], False)
    assert (container["seccomp"], container["no_new_privileges"]) == ("filter", False)
    assert set(container["host_namespaces"]) & {"mnt", "net", "pid", "uts", "ipc"} == set()
    assert SECRET not in repr(found)


def test_its_packages_are_those_that_its_databases_list(podman):
    made = podman.run(
        podman.image({**DEBIAN, METADATA.format("requests", "2.0"): WHEEL.format("requests", "2.0").encode()})
    )
    found = scan()
    inside = found.inside(made)
    assert {(package["manager"], name, package["version"]) for name, package in inside.items()} == {
        ("dpkg", "a", "1.0-1"),
        ("dpkg", "b", "2.0-1"),
        ("pypi", "requests", "2.0"),
    }
    assert inside["a"]["purl"] == "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12"
    assert all(package["added"] is False for package in inside.values())
    contents = found.contents_of(made)
    assert (contents["distribution"], contents["distribution_version"]) == ("debian", "12")
    assert (contents["managers"], contents["packages"], contents["complete"]) == (["dpkg"], 3, True)
    assert found.gaps_of(made) == []


def test_a_distroless_image_and_one_of_a_single_program_are_read_too(podman):
    bare, distroless = podman.run(podman.image()), podman.run(podman.image(DISTROLESS))
    found = scan()
    assert found.inside(bare) == {}
    assert (found.contents_of(bare)["managers"], found.contents_of(bare)["complete"]) == ([], True)
    assert {name: package["version"] for name, package in found.inside(distroless).items()} == {"libc6": "2.36-9"}


def test_a_whole_debian_has_the_packages_that_dpkg_lists(podman, minbase):
    made = podman.run(podman.image(archive=minbase), command=("sleep", "3600"))
    listed = podman("exec", made, "dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}\n").splitlines()
    found = scan()
    told = {f"{each['name']} {each['version']} {each['architecture']}" for each in found.inside(made).values()}
    assert told == set(listed)
    assert found.gaps_of(made) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--privileged",), {"privileged": True, "seccomp": "disabled"}),
        (("--cap-add", "NET_ADMIN"), {"privileged": False, "capabilities": ["cap_net_admin"]}),
        (("--read-only",), {"read_only": True}),
        (("--security-opt", "no-new-privileges"), {"no_new_privileges": True}),
        (("--security-opt", "seccomp=unconfined"), {"seccomp": "disabled", "privileged": False}),
        (("--user", "1234:77"), {"user": "1234:77"}),
        (("-v", "/etc:/host:ro"), {"host_mounts": ["/etc:/host:ro"], "volumes": ["/host"]}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_how_it_is_confined_is_told(podman, options, expected):
    made = podman.run(podman.image(), *options)
    container = scan().containers[made]
    assert {name: container[name] for name in expected} == expected


def test_namespaces_that_it_shares_with_the_host_are_told(podman):
    made = podman("run", "-d", "--network=host", "--pid=host", "--ipc=host", "--uts=host", podman.image(), *SLEEP)
    assert {"net", "pid", "ipc", "uts"} <= set(scan().containers[made]["host_namespaces"])


def test_a_container_with_users_of_its_own_is_read_like_any_other(podman):
    made = podman.run(podman.image(DEBIAN), "--uidmap", "0:200000:65536")
    found = scan()
    assert "user" not in found.containers[made]["host_namespaces"]
    assert set(found.inside(made)) == {"a", "b"}
    assert found.gaps_of(made) == []


def test_what_is_installed_while_it_runs_is_seen_and_marked(podman):
    image = podman.image(DEBIAN)
    changed, same = podman.run(image), podman.run(image)
    podman.shell(changed, "mkdir -p /usr/lib/python3/dist-packages/late-1.0.dist-info /srv/new")
    podman.shell(
        changed, f"printf '{WHEEL.format('late', '1.0')}' > /{METADATA.format('late', '1.0')}; echo > /srv/new/log"
    )
    podman("exec", "-i", changed, BUSYBOX, "sh", "-c", f"cat >> /{STATUS}", stdin=stanza("c", "3"))
    podman.shell(changed, f"sed -i 's/^Version: 2.0-1/Version: 2.0-2/' /{STATUS}")
    podman.shell(same, "echo > /srv-log; mkdir /made; rm /tmp/x 2>/dev/null || true")
    found = scan()
    assert (found.containers[changed]["drift"], found.containers[same]["drift"]) == (True, False)
    assert {name: package["added"] for name, package in found.inside(changed).items()} == {
        "a": False,
        "b": True,
        "c": True,
        "late": True,
    }
    assert set(found.inside(same)) == {"a", "b"}


def test_what_is_removed_while_it_runs_is_drift_and_no_longer_there(podman):
    image = podman.image({**DEBIAN, "app/node_modules/x/package.json": b'{"name": "x", "version": "1"}'})
    changed, same = podman.run(image), podman.run(image)
    podman.shell(changed, "rm -r /app/node_modules/x")
    found = scan()
    assert (found.containers[changed]["drift"], set(found.inside(changed))) == (True, {"a", "b"})
    assert (found.containers[same]["drift"], set(found.inside(same))) == (False, {"a", "b", "x"})


def test_a_directory_that_was_made_anew_hides_what_the_image_had_there(podman):
    image = podman.image({**DEBIAN, "app/node_modules/x/package.json": b'{"name": "x", "version": "1"}'})
    changed = podman.run(image)
    podman.shell(changed, "rm -r /app/node_modules && mkdir /app/node_modules")
    found = scan()
    assert (found.containers[changed]["drift"], set(found.inside(changed))) == (True, {"a", "b"})


def test_fifty_containers_of_one_image_are_read_once_and_not_again(podman, tmp_path):
    image = podman.image(DEBIAN)
    made = [podman.run(image) for _ in range(50)]
    kept = Kept(tmp_path)
    first, second = kept.look(), kept.look()
    (contents,) = {first.containers[each]["contents"] for each in made}
    assert set(first.packages[contents]) == {"a", "b"}
    assert first.contents[contents]["read_at"] == second.contents[contents]["read_at"]
    assert first.packages[contents] == second.packages[contents]
    podman.remove(*made[1:])
    assert set(kept.look().inside(made[0])) == {"a", "b"}
    podman.remove(made[0])
    last = kept.look()
    assert contents not in last.contents
    assert contents not in last.packages


def test_a_new_version_in_the_same_container_is_read_again(podman, tmp_path):
    made = podman.run(podman.image(DEBIAN))
    kept = Kept(tmp_path)
    before = kept.look()
    podman.shell(made, f"sed -i 's/^Version: 2.0-1/Version: 2.0-2/' /{STATUS}")
    after = kept.look()
    assert (before.inside(made)["b"]["version"], after.inside(made)["b"]["version"]) == ("2.0-1", "2.0-2")
    assert before.containers[made]["contents"] not in after.contents


def test_a_removed_container_is_gone_from_the_next_look(podman, tmp_path):
    made = podman.run(podman.image(DEBIAN))
    kept = Kept(tmp_path)
    assert made in kept.look().containers
    podman.remove(made)
    assert made not in kept.look().containers


def test_its_published_ports_are_told(podman):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    made = podman("run", "-d", "-p", f"127.0.0.1:{port}:80", podman.image(), *SLEEP, check=False)
    if not made:
        pytest.skip("podman has no network with ports here (containernetworking-plugins)")
    assert scan().containers[made]["ports"] == [f"127.0.0.1:{port}->80/tcp"]
