from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.proc_status import parse_status

STATUS = b"""Name:\tweb
Pid:\t4711
PPid:\t4690
Uid:\t100033\t33\t33\t33
NSpid:\t4711\t17\t1
CapBnd:\t00000000a80425fb
NoNewPrivs:\t1
Seccomp:\t2
"""


def test_the_fields_are_read():
    status = parse_status(STATUS)
    assert (status.parent, status.uid, status.levels) == (4690, 100033, (4711, 17, 1))
    assert (status.bounding, status.seccomp, status.no_new_privileges) == (0xA80425FB, "filter", True)


def test_a_kernel_that_tells_less_leaves_fields_unknown():
    status = parse_status(b"Pid:\t1\nPPid:\t0\nUid:\t0\t0\t0\t0\nCapBnd:\t0\n")
    assert (status.levels, status.seccomp, status.no_new_privileges) == ((1,), None, None)


def test_a_process_that_calls_itself_like_a_field_changes_none():
    assert parse_status(b"Name:\tUid: 0\n" + STATUS.partition(b"\n")[2]).uid == 100033


def test_our_own_status_is_read():
    assert parse_status(Path("/proc/self/status").read_bytes()).parent > 0


@given(st.binary() | st.just(STATUS).map(lambda status: status.replace(b"0", b"x")))
def test_garbage_raises_value_error_alone(content):
    with pytest.raises(ValueError):
        parse_status(content)
