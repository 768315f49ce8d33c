"""Sinks without a network append whole messages or say why they cannot."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from agent.delivery.message import Packing, Part, parts
from agent.delivery.sinks import FileSink, Unavailable
from agent.model.envelope import SNAPSHOT, Envelope

ENVELOPE = Envelope(1, "agent-1", "host", "e", 7, None, SNAPSHOT, 1, 1, "complete", (), 5, 9, "0" * 64)


@pytest.fixture
def part() -> Part:
    return next(parts(ENVELOPE, lambda: iter([b'{"delete":"a"}\n']), Packing(compress=False)))


def test_a_file_gets_every_message_as_lines(tmp_path, part):
    sink = FileSink(str(tmp_path / "out"))
    assert sink.report(part).problem is None
    assert sink.heartbeat(b"{}").problem is None
    assert (tmp_path / "out").read_bytes() == part.body + b"{}\n"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_killed_process_left_does_not_spoil_the_next(tmp_path):
    (tmp_path / "out").write_bytes(b'{"put":')
    FileSink(str(tmp_path / "out")).heartbeat(b"{}")
    assert (tmp_path / "out").read_bytes() == b'{"put":\n{}\n'


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: os.symlink("/dev/null", path), "Too many levels of symbolic links"),
        (os.mkdir, "Is a directory"),
        (os.mkfifo, "not a regular file"),
    ],
)
def test_a_file_that_is_no_regular_file_is_not_written_to(tmp_path, part, make, told):
    path = str(tmp_path / "out")
    make(path)
    with pytest.raises(Unavailable, match=told):
        FileSink(path).report(part)


def test_a_full_disk_keeps_the_file_as_it_was(tmp_path, part):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)], check=True)
    try:
        sink = FileSink(str(tmp_path / "out"))
        sink.heartbeat(b"{}")
        with pytest.raises(Unavailable, match="No space left on device"):
            sink.report(part._replace(body=b"x" * 100_000))
        assert (tmp_path / "out").read_bytes() == b"{}\n"
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


SCRIPT = """
from agent.delivery.sinks import StdoutSink, Unavailable
try:
    print(StdoutSink().heartbeat(b'{"a":1}').status, flush=True)
except Unavailable as error:
    raise SystemExit(str(error))
"""


def test_standard_output_gets_lines():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True)
    assert done.stdout == b'{"a":1}\n200\n'


def test_a_standard_output_that_is_full_is_told():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-c", SCRIPT], stdout=full, stderr=subprocess.PIPE)
    assert done.stderr == b"standard output: No space left on device\n"
