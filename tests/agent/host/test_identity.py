"""An identity is drawn once, kept, and drawn anew only where the evidence shows a clone."""

import json
import os
import stat
import subprocess
import sys
import tempfile

import pytest

from agent.host.evidence import Evidence
from agent.host.identity import CORRUPT, FILE, identify

HERE = Evidence(machine_id="1" * 32, product_uuid="11111111-1111-1111-1111-111111111111")
THERE = Evidence(machine_id="2" * 32, product_uuid="22222222-2222-2222-2222-222222222222")


@pytest.fixture
def state(tmp_path):
    return str(tmp_path)


def test_an_identity_is_drawn_and_kept(state):
    drawn = identify(state, HERE)
    assert len(drawn.id) == 32
    assert drawn.parent is None
    assert identify(state, HERE) == drawn


def test_two_machines_draw_two_identities(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert identify(str(tmp_path / "a"), HERE).id != identify(str(tmp_path / "b"), HERE).id


def test_the_file_is_the_agents_alone(state):
    before = os.umask(0)
    try:
        identify(state, HERE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(f"{state}/{FILE}").st_mode) == 0o600


@pytest.mark.parametrize(
    "now",
    [
        THERE,
        Evidence(machine_id=THERE.machine_id, product_uuid=HERE.product_uuid),
        Evidence(machine_id=HERE.machine_id, product_uuid=THERE.product_uuid),
        Evidence(machine_id=THERE.machine_id),
    ],
    ids=["both", "machine id", "product uuid", "machine id, the other unknown"],
)
def test_a_clone_draws_an_identity_that_names_its_parent(state, now):
    parent = identify(state, HERE)
    clone = identify(state, now)
    assert clone.id != parent.id
    assert clone.parent == parent.id
    assert identify(state, now) == clone


@pytest.mark.parametrize("now", [Evidence(), Evidence(machine_id=HERE.machine_id), Evidence(node_uid="n")])
def test_what_cannot_be_learnt_now_is_not_changed(state, now):
    drawn = identify(state, HERE)
    assert identify(state, now).id == drawn.id
    assert identify(state, THERE).parent == drawn.id


def test_what_is_learnt_later_is_kept_beside_the_rest(state):
    drawn = identify(state, Evidence(machine_id=HERE.machine_id))
    learnt = identify(state, Evidence(product_uuid=HERE.product_uuid, node_uid="n"))
    assert learnt.id == drawn.id
    assert learnt.evidence == Evidence(HERE.machine_id, HERE.product_uuid, None, "n")
    assert identify(state, Evidence(product_uuid=THERE.product_uuid)).parent == drawn.id


def test_another_node_uid_alone_is_no_clone(state):
    drawn = identify(state, Evidence(machine_id=HERE.machine_id, node_uid="a"))
    assert identify(state, Evidence(machine_id=HERE.machine_id, node_uid="b")).id == drawn.id


def test_another_instance_of_the_cloud_is_a_clone_though_its_image_kept_the_machine_id(state):
    drawn = identify(state, Evidence(machine_id=HERE.machine_id, cloud_instance_id="i-1"))
    assert identify(state, Evidence(machine_id=HERE.machine_id)).id == drawn.id
    assert identify(state, Evidence(machine_id=HERE.machine_id, cloud_instance_id="i-2")).parent == drawn.id


def test_nothing_is_written_where_nothing_changed(state):
    identify(state, HERE)
    before = os.stat(f"{state}/{FILE}")
    identify(state, HERE)
    assert os.stat(f"{state}/{FILE}").st_ino == before.st_ino


GOOD = {"id": "a" * 32, "parent": None, "evidence": {}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 300,
        b"{",
        b"[]",
        b"null",
        b"[" * 60000,
        json.dumps({**GOOD, "id": "../../etc"}).encode(),
        json.dumps({**GOOD, "id": "A" * 32}).encode(),
        json.dumps({**GOOD, "id": 7}).encode(),
        json.dumps({**GOOD, "parent": "x"}).encode(),
        json.dumps({**GOOD, "evidence": {"machine_id": 7}}).encode(),
        json.dumps({**GOOD, "evidence": {"unknown": "x"}}).encode(),
        json.dumps({"id": "a" * 32}).encode(),
        json.dumps(GOOD).encode() + b" " * 70000,
    ],
)
def test_a_corrupt_file_is_set_aside(state, content):
    with open(f"{state}/{FILE}", "wb") as file:
        file.write(content)
    drawn = identify(state, HERE)
    assert drawn.parent is None
    assert identify(state, HERE) == drawn
    with open(f"{state}/{CORRUPT}", "rb") as file:
        assert file.read() == content


@pytest.mark.parametrize("plant", [os.mkdir, os.mkfifo, lambda path: os.symlink("/etc/passwd", path)])
def test_what_is_no_regular_file_is_set_aside_unopened(state, plant):
    plant(f"{state}/{FILE}")
    drawn = identify(state, HERE)
    assert identify(state, HERE) == drawn


def test_the_file_of_a_good_identity_is_good(state):
    with open(f"{state}/{FILE}", "w") as file:
        json.dump(GOOD, file)
    assert identify(state, HERE).id == "a" * 32


def test_a_folder_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        identify(str(tmp_path / "none"), HERE)


def test_an_identity_that_may_not_be_read_is_an_error_and_stays():
    """Nobody but root reads it: an agent run by another user must not draw a second one."""
    with tempfile.TemporaryDirectory() as state:
        identify(state, HERE)
        os.chmod(state, 0o777)
        os.unlink(f"{state}/identity.lock")
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            try:
                identify(state, HERE)
            except PermissionError:
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert sorted(os.listdir(state)) == [FILE, "identity.lock"]


def test_a_write_that_fails_leaves_the_old_identity(state):
    """A file size limit of zero is a disk that is full."""
    drawn = identify(state, HERE)
    limits = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limits += "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
    assert concurrently(state, [THERE], limits) == [""]
    assert identify(state, HERE) == drawn


@pytest.mark.parametrize("existing", [False, True])
def test_agents_that_start_at_once_agree(state, existing):
    if existing:
        parent = identify(state, HERE)
    found = set(concurrently(state, [THERE] * 6))
    assert len(found) == 1
    assert found == {identify(state, THERE).id}
    if existing:
        assert identify(state, THERE).parent == parent.id


def test_no_temporary_file_is_left(state):
    identify(state, HERE)
    identify(state, THERE)
    assert sorted(os.listdir(state)) == [FILE, "identity.lock"]


def concurrently(state, evidences, before=""):
    """Let one process for each evidence identify at the same instant; give what each printed."""
    script = f"""import sys; from agent.host.evidence import Evidence; from agent.host.identity import identify
{before}
sys.stdin.read(1); print(identify(sys.argv[1], Evidence(sys.argv[2], sys.argv[3])).id)"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, state, evidence.machine_id, evidence.product_uuid],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for evidence in evidences
    ]
    for process in processes:
        process.stdin.write("x")
        process.stdin.flush()
    return [process.communicate()[0].strip() for process in processes]
