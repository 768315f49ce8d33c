import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.proc_pid import ProcessStat, parse_stat

STAT = b"4711 (%b) S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 1000 100 18446744073709551615"


@pytest.mark.parametrize("name", ["sh", "a b", "a) S 1 (b", "", "((", "))"])
def test_a_name_may_hold_what_it_likes(name):
    assert parse_stat(STAT % name.encode()) == ProcessStat(name, False, 123456)


def test_a_zombie_has_ended():
    assert parse_stat((STAT % b"sh").replace(b" S ", b" Z ")).has_ended


def test_this_process_is_read():
    with open("/proc/self/stat", "rb") as stat, open("/proc/self/comm") as comm:
        found = parse_stat(stat.read())
        assert found.name == comm.read().rstrip("\n")


@given(st.binary() | st.lists(st.sampled_from([b"1 ", b"(", b")", b"S ", b"-"])).map(b"".join))
def test_garbage_raises_nothing_but_value_error(content):
    try:
        parse_stat(content)
    except ValueError:
        pass
