from hypothesis import given
from hypothesis import strategies as st

from agent.formats.overlay_mount import root_mount

OVERLAY = (
    b"73 48 0:40 / / rw,nodev,relatime - overlay overlay rw,lowerdir=/var/lib/l/A:/var/lib/l/B,"
    b"upperdir=/var/lib/docker/overlay2/x/diff,workdir=/w,index=off"
)


def test_the_layers_of_an_overlay_are_told_topmost_first():
    mount = root_mount([b"1 0 8:1 / /etc ro - ext4 /dev/sda rw", OVERLAY])
    assert mount.file_system == "overlay"
    assert mount.lower == ("/var/lib/l/A", "/var/lib/l/B")
    assert mount.upper == "/var/lib/docker/overlay2/x/diff"
    assert not mount.read_only


def test_the_last_mount_at_the_root_is_what_is_seen():
    assert root_mount([OVERLAY, b"90 73 8:1 /srv/root / rw - ext4 /dev/sda rw"]).root == "/srv/root"


def test_a_mount_or_a_file_system_may_be_read_only():
    assert root_mount([b"1 0 8:1 / / ro,relatime - ext4 /dev/sda rw"]).read_only
    assert root_mount([b"1 0 8:1 / / rw,relatime - squashfs /dev/loop0 ro"]).read_only
    assert root_mount([OVERLAY.replace(b",upperdir=/var/lib/docker/overlay2/x/diff,workdir=/w", b"")]).upper is None


def test_escapes_of_the_table_and_of_the_options_are_undone():
    mount = root_mount([rb"1 0 0:4 / / rw - overlay overlay rw,lowerdir=/a\040b\134:c:/d,upperdir=/e\054f"])
    assert mount.lower == ("/a b:c", "/d")
    assert mount.upper == "/e,f"


def test_layers_that_are_told_one_by_one_are_taken_too():
    assert root_mount([b"1 0 0:4 / / rw - overlay o rw,lowerdir+=/a,lowerdir+=/b,upperdir=/u"]).lower == ("/a", "/b")


def test_without_a_mount_at_the_root_there_is_none():
    assert root_mount([b"1 0 8:1 / /etc ro - ext4 /dev/sda rw"]) is None


@given(st.lists(st.binary() | st.just(OVERLAY)))
def test_garbage_raises_nothing(lines):
    root_mount(lines)
