import os
import subprocess
import sys

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


def test_a_module_that_was_put_off_is_there_when_it_is_used():
    code = "import inspect, sys; print(inspect.signature(lambda a: a), type(sys.modules['inspect']).__name__)"
    start = f"import sys; from agent import start; sys.modules['inspect'] = start.Deferred('inspect'); {code}"
    done = run(sys.executable, "-c", f"for name in ('inspect',): __import__('sys').modules.pop(name, None)\n{start}")
    assert done.stdout.split() == ["(a)", "module"], done.stderr


def test_what_stands_in_for_modules_does_what_they_do():
    code = "from gettext import gettext, ngettext; import copy, gettext as all; print(type(all).__name__)"
    code += "; print(copy.copy([1]), gettext('a'), ngettext('a', 'b', 2), all.find('x'))"
    names = "for name in ('inspect', 'copy', 'gettext'): __import__('sys').modules.pop(name, None)"
    done = run(sys.executable, "-c", f"{names}\nfrom agent import start; start.stand_in(); {code}")
    assert done.stdout.split() == ["Deferred", "[1]", "a", "b", "None"], done.stderr
