from __future__ import annotations

import csv
import io
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.python_record import claims, installed_files

BASE = "/usr/lib/python3/site-packages"
RECORD = b"""\
../../../bin/app,sha256=x,1
../../../share/man/app.1,,
__pycache__/one.cpython-311.pyc,,
app-1.0.dist-info/METADATA,,
app-1.0.dist-info/RECORD,,
app/__init__.py,,
app/deep/a.so,,
one.py,,
"""


def test_folders_are_claimed_whole_and_other_files_one_by_one() -> None:
    assert claims(RECORD, BASE) == (
        "/usr/bin/app",
        "/usr/share/man/app.1",
        f"{BASE}/app-1.0.dist-info/",
        f"{BASE}/app/",
        f"{BASE}/one.py",
    )


def test_lines_in_any_order_and_with_any_ends_claim_the_same() -> None:
    lines = RECORD.splitlines()
    assert set(claims(b"\r\n".join(lines[1::2] + lines[::2]), BASE)) == set(claims(RECORD, BASE))


def test_quoted_and_absolute_paths_are_claimed() -> None:
    assert claims(b'"a,b/x",,\n"c""d.py",,\n/opt/app/run,,\n\n', BASE) == (
        f"{BASE}/a,b/",
        f'{BASE}/c"d.py',
        "/opt/app/run",
    )


def test_commands_of_an_installation_with_target_lie_in_its_bin() -> None:
    assert claims(b"../../bin/app,,\n", "/srv/lib") == ("/bin/app", "/srv/lib/bin/app")


def test_what_lies_at_the_root_is_claimed_there() -> None:
    assert claims(b"app/x,,\none.py,,\n../../bin/app,,\n", "") == ("/app/", "/one.py", "/bin/app", "/bin/app")


def test_no_folder_outside_is_ever_claimed() -> None:
    assert claims(b"../x/,,\n./y/z,,\n../../../../../etc/x,,\n", "/a/b") == ("/a/x", "/etc/x")


def test_installed_files_are_relative_to_the_metadata() -> None:
    listing = b"../app/__init__.py\n../app/x.py\n../one.py\n../../../../bin/app\nPKG-INFO\n"
    assert installed_files(listing, BASE) == (f"{BASE}/app/", f"{BASE}/one.py", "/usr/bin/app")


def test_lines_without_end_are_not_read() -> None:
    assert claims(b"\n" * 1_000_000 + b"one.py,,\n", BASE) == ()


def test_no_more_is_claimed_than_any_distribution_has() -> None:
    assert len(claims(b"".join(b"../%d\n" % number for number in range(20_000)), BASE)) == 10_000


PARTS = st.sampled_from(["a", "b", "a,b", 'q"', "..", "app", "app-1"])
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join).filter(lambda path: not path.endswith(".."))


@given(st.lists(PATHS, max_size=20), st.booleans())
def test_every_file_of_a_record_is_claimed(paths: list[str], in_order: bool) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(
        (path, "", "") for path in (sorted(paths) if in_order else paths)
    )
    claimed = claims(written.getvalue().encode(), BASE)
    for path in paths:
        place = posixpath.normpath(f"{BASE}/{path}")
        first = path.partition("/")[0]
        assert place in claimed or f"{BASE}/{first}/" in claimed or 'q"' in first


@pytest.mark.parametrize("read", [claims, installed_files])
@given(
    record=st.binary(max_size=100) | st.lists(st.sampled_from([b"a/", b"..", b"\n", b'"', b",", b"/"])).map(b"".join)
)
def test_any_bytes_claim_absolute_paths_alone(read: object, record: bytes) -> None:
    assert all(path.startswith("/") for path in read(record, BASE))
