"""agent/worker/state.py: the state folder is the agent's alone, one at a time, and keeps the settings."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from agent.model.keys import KEYS, Key
from agent.model.settings import Settings
from agent.worker.state import Locked, StateRefused, load_settings, lock, prepare, save_settings

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
HOLD = "import sys; from agent.worker.state import lock; lock(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def mode(path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_a_missing_folder_is_created_for_the_agent_alone(tmp_path) -> None:
    prepare(str(tmp_path / "a" / "state"))
    assert mode(tmp_path / "a" / "state") == 0o700
    prepare(str(tmp_path / "a" / "state"))


def test_a_file_in_its_place_is_refused(tmp_path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateRefused, match="STOCKTAKE_STATE_DIR"):
        prepare(str(tmp_path / "state"))


def test_a_link_in_its_place_is_refused(tmp_path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "state").symlink_to("real")
    with pytest.raises(StateRefused, match="is not a directory"):
        prepare(str(tmp_path / "state"))


@pytest.mark.parametrize("bits", [0o720, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path, bits: int) -> None:
    tmp_path.chmod(bits)
    with pytest.raises(StateRefused, match="chmod 700"):
        prepare(str(tmp_path))


def test_a_folder_that_others_may_only_read_is_taken(tmp_path) -> None:
    tmp_path.chmod(0o755)
    prepare(str(tmp_path))


@as_root
def test_a_folder_of_another_user_is_refused(tmp_path) -> None:
    os.chown(tmp_path, 4242, 4242)
    with pytest.raises(StateRefused, match="belongs to user 4242, the agent runs as 0"):
        prepare(str(tmp_path))


def test_a_folder_that_another_process_holds_is_locked_until_that_one_is_gone(tmp_path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-I", "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Locked, match="another agent"):
            lock(str(tmp_path))
        holder.kill()
    os.close(lock(str(tmp_path)))


def test_a_lock_is_not_inherited_by_accident_and_its_file_is_the_agents_alone(tmp_path) -> None:
    held = lock(str(tmp_path))
    assert not os.get_inheritable(held)
    assert mode(tmp_path / "lock") == 0o600
    os.close(held)


def other(key: Key, state_dir: str) -> object:
    """Give a value of a setting that is not its default."""
    if key.attribute == "state_dir":
        return state_dir
    if isinstance(key.default, bool):
        return not key.default
    if isinstance(key.default, int):
        return key.default + 1
    return ("a=1", "b=ü") if key.attribute == "labels" else f"other-{key.name}"


def test_every_setting_survives_being_saved(tmp_path) -> None:
    settings = Settings(**{key.attribute: other(key, str(tmp_path)) for key in KEYS})
    assert all(getattr(settings, key.attribute) != key.default for key in KEYS)
    save_settings(settings)
    assert load_settings(str(tmp_path)) == settings
    assert mode(tmp_path / "settings.json") == 0o600


def test_default_settings_survive_being_saved(tmp_path) -> None:
    settings = Settings(state_dir=str(tmp_path))
    save_settings(settings)
    assert load_settings(str(tmp_path)) == settings


@pytest.mark.parametrize("content", ["", "{", "\xff"])
def test_settings_that_cannot_be_read_are_a_value_error(tmp_path, content: str) -> None:
    (tmp_path / "settings.json").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError):
        load_settings(str(tmp_path))


def test_settings_of_a_later_version_count_as_far_as_they_are_known(tmp_path) -> None:
    """As a worker of an older version meets them after a way back."""
    save_settings(Settings(state_dir=str(tmp_path), heartbeat=60))
    path = tmp_path / "settings.json"
    path.write_text(path.read_text().replace("{", '{"of_tomorrow": 1, ', 1))
    assert load_settings(str(tmp_path)).heartbeat == 60
