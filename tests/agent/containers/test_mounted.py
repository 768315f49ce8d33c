import pytest

from agent.containers.mounted import by_device, mounted
from agent.formats.mountinfo import mounts

HOST = by_device(
    mounts(
        [
            b"1 0 8:1 / / rw - ext4 /dev/sda1 rw",
            b"2 1 8:2 / /home rw - ext4 /dev/sda2 rw",
            b"3 1 0:5 / /proc rw - proc proc rw",
            b"4 1 0:6 / /run rw - tmpfs tmpfs rw",
            b"5 1 0:7 / /sys rw - sysfs sysfs rw",
        ]
    )
)


def look(*lines):
    return mounted([b"9 8 0:40 / / rw - overlay overlay rw,lowerdir=/a", *lines], HOST)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"10 9 8:1 /etc /hostetc ro,nosuid - ext4 /dev/sda1 rw", "/etc:/hostetc:ro"),
        (b"10 9 8:1 / /host rw - ext4 /dev/sda1 rw", "/:/host:rw"),
        (b"10 9 8:2 / /data rw - ext4 /dev/sda2 rw", "/home:/data:rw"),
        (b"10 9 0:6 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw", "/run/docker.sock:/var/run/docker.sock:rw"),
        (b"10 9 0:5 / /host/proc rw - proc proc rw", "/proc:/host/proc:rw"),
        (b"10 9 8:1 /etc/kubernetes/pki /pki ro - ext4 /dev/sda1 rw", "/etc/kubernetes/pki:/pki:ro"),
        (b"10 9 8:1 /root/.ssh /keys ro - ext4 /dev/sda1 rw", "/root/.ssh:/keys:ro"),
    ],
)
def test_what_gives_power_over_the_host_is_told_with_where_it_comes_from(line, expected):
    assert look(line).sensitive == (expected,)


@pytest.mark.parametrize(
    "line",
    [
        b"10 9 8:1 /srv/www /data rw - ext4 /dev/sda1 rw",
        b"10 9 8:2 /ann/project /work rw - ext4 /dev/sda2 rw",
        b"10 9 8:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw",
        b"10 9 0:99 / /proc rw - proc proc rw",
        b"10 9 0:7 / /sys ro - sysfs sysfs rw",
        b"10 9 0:98 / /dev rw - tmpfs tmpfs rw",
    ],
)
def test_ordinary_mounts_are_not(line):
    assert look(line).sensitive == ()


def test_a_volume_is_named_and_what_runtimes_mount_is_not():
    found = look(
        b"10 9 8:1 /srv/www /data rw - ext4 /dev/sda1 rw",
        b"11 9 0:98 / /dev rw - tmpfs tmpfs rw",
        b"12 9 8:1 /x /etc/resolv.conf rw - ext4 /dev/sda1 rw",
        b"13 9 0:97 / /run/secrets/kubernetes.io/serviceaccount ro - tmpfs tmpfs rw",
        b"14 9 0:96 / /cache rw - tmpfs tmpfs rw",
        b"15 9 0:95 / /proc rw - proc proc rw",
        b"16 9 0:94 / /tmp rw - tmpfs tmpfs rw",
    )
    assert found.volumes == ("/cache", "/data")
    assert len(found.points) == 7


def test_a_hundred_mounts_are_bounded():
    assert len(look(*(b"%d 9 8:1 /srv/%d /v%d rw - ext4 x rw" % (n, n, n) for n in range(10, 200))).volumes) == 64


def test_malformed_lines_raise():
    with pytest.raises(ValueError, match="malformed"):
        look(b"nonsense")
