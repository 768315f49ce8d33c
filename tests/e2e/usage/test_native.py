"""Programs in containers: a library that is replaced under nginx, a Go and a Rust program without anything around them."""

import os
import re
import shutil
import subprocess

import pytest

from tests.e2e.usage.conftest import listens, until_alive
from tests.hosts.downloads import archive_from_debian, from_npm, from_pypi

CONFIG = "user root; daemon off; pid /run/n.pid; error_log stderr; events {} http { access_log off; server { listen 8080; } }\n"
NO_SERVICES = {
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
    "etc/n.conf": CONFIG,
    "var/lib/nginx/x": "",
    "var/log/nginx/x": "",
}


@pytest.fixture
def nginx(runc):
    """A container in which nginx was installed by dpkg and runs, with zlib of Debian as its own."""
    tree = runc.tree(NO_SERVICES)
    (tree.upper / "usr/sbin/policy-rc.d").chmod(0o755)
    for package in ("nginx", "zlib1g"):  # what nginx-common brings is not needed here
        install(tree, archive_from_debian(package))
    container = runc.start(tree, "/usr/sbin/nginx", "-c", "/etc/n.conf")
    until_alive(container, lambda: listens(container, 8080))
    return container


def install(tree, archive):
    shutil.copy(archive, tree.root / "package.deb")
    command = ["chroot", str(tree.root), "dpkg", "--force-depends", "--force-confold", "-i", "/package.deb"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    assert done.returncode == 0, done.stderr


def rebuilt(folder, archive, more):
    """Give a package as it is but with a later version, and that version."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", archive, tree], check=True)
    control = tree / "DEBIAN/control"
    version = re.search(r"^Version: (.*)$", control.read_text(), re.MULTILINE).group(1)
    control.write_text(control.read_text().replace(f"Version: {version}", f"Version: {version}{more}"))
    subprocess.run(["dpkg-deb", "-b", "-Znone", tree, folder / "later.deb"], check=True, stdout=subprocess.DEVNULL)
    return folder / "later.deb", version, f"{version}{more}"


def test_a_library_that_was_replaced_is_stale_in_who_runs_on_with_the_version_it_was_loaded_in(
    looking, nginx, tmp_path
):
    before = looking.collect().uses(nginx)["dpkg/zlib1g:amd64"]
    assert (before.evidence, before.stale, before.restart) == ("mapped", False, ())
    archive, old, new = rebuilt(tmp_path, archive_from_debian("zlib1g"), "+stocktake1")
    assert before.version == old
    install(nginx.tree, archive)
    stale = looking.collect().uses(nginx)["dpkg/zlib1g:amd64"]
    assert (stale.version, stale.stale, stale.stale_versions) == (new, True, (old,))
    assert stale.restart == ("nginx",)
    assert nginx.pid in stale.restart_pids
    again = looking.collect().uses(nginx)["dpkg/zlib1g:amd64"]
    assert (again.stale, again.stale_versions) == (True, (old,))
    others = [use.name for use in looking.uses(nginx).values() if use.stale]
    assert others == ["zlib1g"]


def test_what_was_replaced_before_anybody_looked_is_stale_in_a_version_that_is_not_known(looking, nginx, tmp_path):
    archive, _, new = rebuilt(tmp_path, archive_from_debian("zlib1g"), "+stocktake1")
    install(nginx.tree, archive)
    stale = looking.collect().uses(nginx)["dpkg/zlib1g:amd64"]
    assert (stale.version, stale.stale, stale.stale_versions) == (new, True, ())


def test_a_server_is_executed_listening_and_exposed_with_all_that_it_is_linked_to(looking, nginx):
    uses = looking.collect().uses(nginx)
    assert (uses["dpkg/nginx:amd64"].evidence, uses["dpkg/nginx:amd64"].listening) == ("executed", True)
    assert uses["dpkg/libc6:amd64"].exposure == "container-internal"
    assert uses["dpkg/nginx:amd64"].processes >= 2  # the master and a worker
    assert "dpkg/tar:amd64" not in uses


def linked(program):
    """Give the files of a program and of the libraries that it is linked to, by their paths in a root."""
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True).stdout
    libraries = re.findall(r"(/\S+) \(0x", listed)
    return {path.lstrip("/"): open(path, "rb").read() for path in libraries}


def in_scratch(runc, program, *arguments):
    """Run a program in a root that has nothing but it."""
    tree = runc.tree({"app": program.read_bytes(), **linked(program)}, lower=runc.empty())
    for path in tree.upper.rglob("*"):
        path.chmod(0o755)
    os.mkfifo(tree.upper / "waits")
    return runc.start(tree, "/app", *arguments)


def test_every_module_of_a_go_program_is_executed_through_it(looking, runc):
    program = next(from_npm("esbuild-linux-64@0.12.0").glob("**/esbuild"))
    container = in_scratch(runc, program, "--serve=0.0.0.0:8000")
    until_alive(container, lambda: listens(container, 8000))
    uses = {use.name: use for use in looking.collect().uses(container).values()}
    assert {"stdlib", "github.com/evanw/esbuild", "golang.org/x/sys"} <= uses.keys()
    assert {(use.evidence, use.through) for use in uses.values()} == {("executed", "/app")}
    assert uses["golang.org/x/sys"].exposure == "container-internal"
    assert looking.gaps(container) == []


def test_every_crate_of_a_rust_program_is_executed_through_it(looking, runc):
    program = next(from_pypi("uv==0.13.9").glob("**/scripts/uv"))
    container = in_scratch(runc, program, "--config-file", "/waits", "version")
    until_alive(container, lambda: looking.collect().uses(container))
    uses = {use.name: use for use in looking.uses(container).values()}
    assert {"tokio", "serde"} <= uses.keys()
    assert {(use.evidence, use.through) for use in uses.values()} == {("executed", "/app")}
