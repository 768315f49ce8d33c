import pwd

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.passwd import homes, users


def test_each_user_is_given_and_what_is_none_is_passed_over():
    lines = [b"root:x:0:0:root:/root:/bin/sh", b"# comment", b"+::::::", b"", b"a:x:y:0::/:", b"b:x:1000:0::/home/b:"]
    assert list(users(lines)) == [(0, "root"), (1000, "b")]


def test_the_users_of_this_host_are_those_that_the_library_knows():
    with open("/etc/passwd", "rb") as file:
        found = dict(reversed(list(users(line.rstrip(b"\n") for line in file))))
    assert found.items() <= {user.pw_uid: user.pw_name for user in reversed(pwd.getpwall())}.items()


@given(st.lists(st.binary() | st.lists(st.sampled_from([b":", b"1", b"a", b"\xff"])).map(b"".join)))
def test_garbage_raises_nothing(lines):
    list(users(lines))


def test_homes_are_given_with_their_users() -> None:
    lines = [
        b"root:x:0:0::/root:/bin/sh",
        b"a:x:1:1::/home/\xff/:",
        b"b:x:1:1::/:",
        b"c:x:1:1:::",
        b"d:x:1:1::home/d:",
        b"e",
    ]
    assert list(homes(lines)) == [("root", "/root"), ("a", "/home/\udcff")]
