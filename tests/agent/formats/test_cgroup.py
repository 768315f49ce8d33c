import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.cgroup import container_id, is_application, membership

ID = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4


@pytest.mark.parametrize(
    "path",
    [
        f"/docker/{ID}",
        f"/system.slice/docker-{ID}.scope",
        f"/kubepods/besteffort/pod0a1b2c3d-0000-1111-2222-333344445555/{ID}",
        f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b.slice/cri-containerd-{ID}.scope",
        f"/kubepods.slice/kubepods-pod0a1b.slice/crio-{ID}.scope",
        f"/kubepods.slice/kubepods-pod0a1b.slice/crio-{ID}.scope/container",
        f"/system.slice/containerd.service/kubepods-besteffort-pod0a1b.slice:cri-containerd:{ID}",
        f"/machine.slice/libpod-{ID}.scope",
        f"/machine.slice/libpod-{ID}.scope/container",
        f"/libpod_parent/libpod-{ID}",
        f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope/container",
        f"/docker/{OTHER}/docker/{ID}",
        f"/docker/{OTHER}/system.slice/docker-{ID}.scope",
        f"/docker/{ID}/init.scope",
        f"/../cri-containerd-{ID}.scope",
        f"/ecs/0123456789abcdef0123456789abcdef/{ID}",
        f"/default/{ID}",
    ],
)
def test_the_runtimes_name_a_container_by_its_id(path):
    assert container_id(f"0::{path}\n".encode()) == ID


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/lxc/web", "web"),
        ("/lxc.payload/web", "web"),
        ("/lxc.payload.web", "web"),
        ("/lxc.payload.web/system.slice/ssh.service", "web"),
        ("/machine.slice/systemd-nspawn@web.service/payload", "web"),
        ("/machine.slice/systemd-nspawn@web\\x2d1.service/payload/init.scope", "web-1"),
        ("/machine.slice/machine-web.scope", "web"),
        (
            "/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-1234567890",
            "0123456789abcdef0123456789abcdef-1234567890",
        ),
    ],
)
def test_lxc_nspawn_and_fargate_name_it_in_their_own_ways(path, name):
    assert container_id(f"0::{path}\n".encode()) == name


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/init.scope",
        "/system.slice/docker.service",
        "/system.slice/lxc.service",
        "/user.slice/user-1000.slice/session-1.scope",
        f"/machine.slice/libpod-conmon-{ID}.scope",
        f"/kubepods.slice/crio-conmon-{ID}.scope",
        "/lxc.monitor.web",
        "/lxc.monitor/web",
        "/machine.slice/systemd-nspawn@web.service/supervisor",
        f"/docker/{ID[:-1]}",
        "/kubepods.slice/kubepods-besteffort.slice",
    ],
)
def test_what_is_outside_of_containers_has_none(path):
    assert container_id(f"0::{path}\n".encode()) is None


def test_the_first_hierarchy_that_names_a_container_decides():
    hybrid = f"12:pids:/\n5:devices:/docker/{ID}\n1:name=systemd:/docker/{ID}\n0::/system.slice/containerd.service\n"
    assert container_id(hybrid.encode()) == ID


def test_a_name_with_a_carriage_return_makes_no_further_line():
    assert container_id(f"0::/user.slice/x\r0::/docker/{OTHER}y\n".encode()) is None


@given(st.binary() | st.text("/:0-.lxcdocker\n").map(str.encode))
def test_garbage_raises_nothing(content):
    container_id(content)


POD = "0a1b2c3d-0000-1111-2222-333344445555"


@pytest.mark.parametrize(
    ("path", "runtime", "pod"),
    [
        (f"/docker/{ID}", "docker", None),
        (f"/system.slice/docker-{ID}.scope", "docker", None),
        (f"/libpod_parent/libpod-{ID}", "podman", None),
        (f"/kubepods/besteffort/pod{POD}/{ID}", None, POD),
        (f"/kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{ID}.scope", "containerd", POD),
        (
            f"/kubepods.slice/kubepods-burstable-pod{POD.replace('-', '_')}.slice/crio-{ID}.scope/container",
            "cri-o",
            POD,
        ),
        (
            f"/system.slice/containerd.service/kubepods-pod{POD.replace('-', '_')}.slice:cri-containerd:{ID}",
            "containerd",
            POD,
        ),
        (f"/kubepods/pod{POD.replace('-', '')}/{ID}", None, POD.replace("-", "")),
        (
            f"/docker/{OTHER}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{ID}.scope",
            "containerd",
            POD,
        ),
        (f"/default/{ID}", None, None),
        ("/lxc.payload.web", "lxc", None),
        ("/machine.slice/machine-web.scope", "systemd-nspawn", None),
    ],
)
def test_the_path_tells_the_runtime_and_the_pod_of_the_innermost_container(path, runtime, pod):
    found = membership(f"0::{path}\n".encode())
    assert (found.runtime, found.pod_uid) == (runtime, pod)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.gimp.GIMP-123.scope", True),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.chromium.Chromium-77.scope", True),
        ("/user.slice/user-1000.slice/session-1.scope", False),
        ("/system.slice/app.service", False),
    ],
)
def test_a_desktop_application_is_told_from_a_service(path, expected):
    assert is_application(f"0::{path}\n".encode()) is expected


@given(st.binary() | st.text("/:0-.lxcdockerpod\n").map(str.encode))
def test_garbage_has_no_membership_that_raises(content):
    membership(content)
    is_application(content)
