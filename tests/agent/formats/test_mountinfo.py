import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.mountinfo import Mount, mounts

NSFS = b"43 42 0:4 net:[4026532177] /run/netns/x1 rw shared:2 - nsfs nsfs rw"


def test_a_mount_is_read_with_its_root_point_type_and_place_among_the_others():
    assert list(mounts([NSFS])) == [Mount("net:[4026532177]", "/run/netns/x1", "nsfs", 43, 42, "0:4", "rw")]


def test_optional_fields_may_be_none_or_many():
    assert len(list(mounts([NSFS.replace(b" shared:2", b""), NSFS.replace(b"shared:2", b"shared:2 master:1")]))) == 2


def test_escaped_white_space_in_a_path_is_undone():
    (mount,) = mounts([NSFS.replace(b"x1", b"a\\040b\\134c")])
    assert mount.point == "/run/netns/a b\\c"


def test_a_line_whose_numbers_are_none_is_malformed():
    with pytest.raises(ValueError, match="2 malformed"):
        list(mounts([NSFS.replace(b"43", b"x"), NSFS.replace(b"42", b"-1")]))


def test_malformed_lines_are_told_after_all_others_were_given():
    found = mounts([b"nonsense", NSFS])
    assert next(found).file_system == "nsfs"
    with pytest.raises(ValueError, match="1 malformed"):
        next(found)


def test_the_mounts_of_this_process_are_read():
    with open("/proc/self/mountinfo", "rb") as lines:
        found = {mount.point: mount.file_system for mount in mounts(lines)}
    assert found["/proc"] == "proc"


@given(st.lists(st.binary() | st.lists(st.sampled_from([b" ", b"-", b"\\777", b"x"])).map(b"".join)))
def test_garbage_raises_nothing_but_value_error(lines):
    try:
        list(mounts(lines))
    except ValueError:
        pass
