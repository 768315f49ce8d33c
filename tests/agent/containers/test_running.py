import os

from agent.containers.running import running
from tests.agent.containers.fake import ID, OTHER
from tests.hosts.trees import plant

OWN = {"pid": "pid:[2]", "mnt": "mnt:[2]"}


def test_the_processes_of_a_container_belong_together_and_the_first_is_the_one_the_others_come_from(host):
    host.process(30, f"/docker/{ID}", levels=[30, 7], started=200)
    host.process(40, f"/docker/{ID}", levels=[40, 1], started=100)
    host.process(50, f"/docker/{OTHER}", levels=[50, 1])
    host.process(60, "/system.slice/ssh.service")
    found = running(host.open())
    assert set(found) == {ID, OTHER}
    assert (found[ID].pids, found[ID].first, found[ID].runtime) == ((30, 40), 40, "docker")


def test_a_process_that_made_a_pid_namespace_within_the_container_is_not_its_first(host):
    host.process(30, f"/docker/{ID}", levels=[30, 9, 1], started=300)
    host.process(40, f"/docker/{ID}", levels=[40, 1], started=200)
    assert running(host.open())[ID].first == 40


def test_with_the_pid_namespace_of_the_host_the_oldest_process_is_the_first(host):
    host.process(30, f"/docker/{ID}", started=300)
    host.process(40, f"/docker/{ID}", started=200)
    assert running(host.open())[ID].first == 40


def test_a_container_that_no_cgroup_names_is_known_by_its_namespaces_and_root(host, tmp_path):
    host.process(30, "/user.slice/user-1000.slice/session-1.scope", root=tmp_path, namespaces=OWN)
    (found,) = running(host.open()).values()
    assert (found.id, found.first, found.runtime) == ("pid:[2]", 30, None)


def test_its_runtime_names_it_where_that_noted_its_first_process(host, tmp_path):
    host.process(30, "/user.slice/user-1000.slice/session-1.scope", root=tmp_path, namespaces=OWN)
    plant(host.root, {f"run/user/1000/containers/overlay-containers/{ID}/userdata/pidfile": b"30"})
    (found,) = running(host.open()).values()
    assert (found.id, found.runtime) == (ID, "podman")


def test_the_program_of_its_parent_tells_the_runtime(host, tmp_path):
    host.process(20, "/system.slice/x.service")
    host.program(20, "/usr/bin/systemd-nspawn")
    host.process(30, "/system.slice/x.service", parent=20, root=tmp_path, namespaces=OWN)
    (found,) = running(host.open()).values()
    assert (found.id, found.runtime) == ("pid:[2]", "systemd-nspawn")


def test_containerd_names_it_in_a_folder_that_nobody_knows_by_where_its_shim_works(host, tmp_path):
    host.process(20, "/system.slice/x.service")
    host.program(20, "/usr/bin/containerd-shim-runc-v2")
    (host.proc / "20/cwd").symlink_to("/srv/state/io.containerd.runtime.v2.task/default/other")
    plant(
        host.root,
        {
            f"srv/state/io.containerd.runtime.v2.task/default/{name}/init.pid": pid
            for name, pid in (("other", b"7"), ("own", b"30"))
        },
    )
    host.process(30, "/default/own", parent=20, root=tmp_path, namespaces=OWN)
    (found,) = running(host.open()).values()
    assert (found.id, found.runtime) == ("own", "containerd")


def test_nobody_takes_the_name_of_another_container_by_a_file_of_his_own(host, tmp_path):
    host.process(20, f"/docker/{ID}")
    host.process(30, "/user.slice/session-1.scope", root=tmp_path, namespaces=OWN)
    plant(host.root, {f"run/user/1000/containers/overlay-containers/{ID}/userdata/pidfile": b"30"})
    assert running(host.open())[ID].pids == (20,)


def test_what_shares_the_root_or_the_mounts_of_the_host_is_no_container(host, tmp_path):
    host.process(30, "/a", namespaces=OWN)
    host.process(31, "/b", root=tmp_path, namespaces={"pid": "pid:[3]"})
    host.process(32, "/c", root=tmp_path)
    assert running(host.open()) == {}


def test_the_sandbox_of_a_desktop_application_is_no_container(host, tmp_path):
    cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.chromium.Chromium-7.scope"
    host.process(30, cgroup, root=tmp_path, namespaces=OWN)
    assert running(host.open()) == {}


def test_a_process_that_ends_meanwhile_is_left_out(host):
    host.process(30, f"/docker/{ID}")
    os.mkdir(host.proc / "77")
    assert running(host.open())[ID].pids == (30,)


def test_malformed_state_names_nothing(host, tmp_path):
    host.process(30, "/a", root=tmp_path, namespaces=OWN)
    plant(
        host.root,
        {
            "run/runc/x/state.json": b"[" * 100_000,
            "run/crun/y/status": b'{"pid": {"a": 30}}',
            "run/containers/storage/overlay-containers/z/userdata/pidfile": b"30; rm -rf /",
        },
    )
    assert set(running(host.open())) == {"pid:[2]"}


def test_every_runtime_that_notes_a_first_process_is_understood(host, tmp_path):
    files = {
        "run/runc/a/state.json": b'{"init_process_pid": 31}',
        "run/crun/b/status": b'{"pid": 32}',
        "run/containerd/io.containerd.runtime.v2.task/default/c/init.pid": b"33",
        "run/systemd/machines/d": b"NAME=d\nLEADER=34\n",
    }
    plant(host.root, files)
    for pid in (31, 32, 33, 34):
        host.process(pid, "/x", root=tmp_path, namespaces={"pid": f"pid:[{pid}]", "mnt": "mnt:[2]"})
    found = running(host.open())
    assert {name: each.first for name, each in found.items()} == {"a": 31, "b": 32, "c": 33, "d": 34}
