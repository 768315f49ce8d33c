import os
import subprocess
import sys
import zipfile

import pytest

from agent import start
from agent.start import words


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_a_module_of_ours_starts_with_the_parents_module_path():
    done = run(*words("agent.cli"), "--version")
    assert (done.returncode, done.stdout[:10], done.stderr) == (0, "stocktake ", "")


def test_neither_the_environment_nor_the_current_folder_can_replace_a_module(tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('replaced')")
    done = run(*words("agent.cli"), "--version", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0


def test_the_exit_code_is_that_of_the_module():
    assert run(*words("agent.cli"), "scan", "nonsense").returncode == 2


def test_what_was_printed_is_out_before_the_end():
    done = run(*words("agent.cli"), "config", "example")
    assert done.stdout.endswith("\n")
    assert "state_dir" in done.stdout


def test_a_reader_that_went_away_does_not_change_the_exit_code():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*words("agent.cli"), "config", "example"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert b"Traceback" not in done.stderr


def test_a_module_in_an_archive_starts_as_well(tmp_path):
    """As in the single file, which has no start.py that could be executed."""
    archive = tmp_path / "stocktake.pyz"
    agent = os.path.dirname(os.path.abspath(start.__file__))
    with zipfile.ZipFile(archive, "w") as file:
        for folder, _, names in os.walk(agent):
            for name in names:
                if name.endswith(".py"):
                    path = os.path.join(folder, name)
                    file.write(path, os.path.relpath(path, os.path.dirname(agent)))
    code = f"import sys; sys.path.insert(0, {str(archive)!r}); from agent.start import words; print(*words('agent.cli'), sep=chr(0))"
    made = run(sys.executable, "-c", code).stdout.rstrip("\n").split("\0")
    done = run(*made, "--version")
    assert (done.returncode, done.stdout[:10], done.stderr) == (0, "stocktake ", "")


@pytest.mark.parametrize("flags", [["-B"], []])
def test_a_process_that_writes_no_bytecode_starts_none_that_does(flags):
    code = "from agent.start import words; print('-B' in words('agent.cli'))"
    assert run(sys.executable, "-E", *flags, "-c", code).stdout == f"{flags == ['-B']}\n"
