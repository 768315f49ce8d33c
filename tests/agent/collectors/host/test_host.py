"""The section host, of this machine and of trees at rest."""

import fnmatch
import json
import os
import subprocess
import sys

import pytest

from agent.collectors.host import SPEC, collect
from agent.host import open_host
from agent.model.codec import decode, encode
from agent.model.records import Address, AgentFacts, CloudInstance, Degradation, Gap, HostFacts
from agent.model.spec import Cloud, Options, Want

OS_RELEASE = 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\nVERSION_CODENAME=noble\nID_LIKE=debian\n'
SECRET = "s3cr3t-never-to-be-sent"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text(OS_RELEASE)
    (root / "etc/hostname").write_text("image\n")
    (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    return root


def records_of(path, kind, **options):
    return [record for record in collect(open_host(str(path)), Options(**options)) if isinstance(record, kind)]


def facts_of(path, **options):
    (facts,) = records_of(path, HostFacts, **options)
    return facts


def test_this_machine_is_what_its_own_tools_say():
    facts = facts_of("/")
    assert facts.hostname == os.uname().nodename
    assert facts.kernel == os.uname().release
    assert facts.architecture == os.uname().machine
    assert facts.cpus == int(subprocess.check_output(["nproc", "--all"]))
    assert facts.memory_bytes > 1 << 28
    assert facts.virtualization is not None
    assert facts.uptime_class.startswith(("under_", "over_"))
    assert facts.boot_id.count("-") == 4


def test_this_machine_has_no_gap():
    assert records_of("/", Gap) == []


def test_a_tree_at_rest_has_no_kernel_and_is_itself(tree):
    assert facts_of(tree) == HostFacts(
        hostname="image",
        distribution="ubuntu",
        distribution_version="24.04",
        distribution_codename="noble",
        distribution_name="Ubuntu 24.04.1 LTS",
        distribution_like=("debian",),
        kernel=None,
        architecture=None,
        virtualization=None,
        boot_id=None,
        uptime_class=None,
        booted_at=None,
        machine_id="0123456789abcdef0123456789abcdef",
        product_uuid=None,
        cpus=None,
        memory_bytes=None,
        labels=(),
    )
    assert records_of(tree, (Gap, Address)) == []


def test_an_empty_tree_has_nothing_and_no_gap(tmp_path):
    assert facts_of(tmp_path).distribution is None
    assert records_of(tmp_path, Gap) == []


def test_labels_are_those_of_the_configuration(tree):
    assert facts_of(tree, labels=("environment=test", "team=a")).labels == ("environment=test", "team=a")


@pytest.mark.parametrize("name", ["os-release", "hostname", "machine-id"])
@pytest.mark.parametrize("plant", [os.mkdir, os.mkfifo], ids=["directory", "fifo"])
def test_what_is_there_but_no_file_is_a_gap_that_hides_no_record(tree, name, plant):
    (tree / "etc" / name).unlink()
    plant(tree / "etc" / name)
    gaps = records_of(tree, Gap)
    assert [(gap.subject, gap.reason, gap.hides) for gap in gaps] == [(f"/etc/{name}", "not_a_file", None)]


def test_a_file_of_a_gigabyte_is_a_gap(tree):
    with (tree / "etc/os-release").open("wb") as file:
        file.truncate(1 << 30)
    assert [gap.reason for gap in records_of(tree, Gap)] == ["limit"]
    assert facts_of(tree).hostname == "image"


@pytest.mark.parametrize("name", ["os-release", "hostname", "machine-id"])
def test_no_content_of_a_file_in_their_place_is_sent(tree, name):
    (tree / "etc/shadow").write_text(f"root:{SECRET}:19000:0:99999:7:::\n")
    (tree / "etc" / name).unlink()
    (tree / "etc" / name).symlink_to("shadow")
    sent = b"".join(encode(record).stable for record in collect(open_host(str(tree)), Options()))
    assert SECRET.encode() not in sent


@pytest.mark.parametrize("name", ["os-release", "hostname", "machine-id"])
def test_a_link_out_of_the_tree_finds_nothing(tree, name):
    (tree / "etc" / name).unlink()
    (tree / "etc" / name).symlink_to(f"../../../../../../../../etc/{name}")
    loops_or_is_absent = [gap.reason for gap in records_of(tree, Gap)]
    assert loops_or_is_absent == ["escapes"]
    (tree / "etc" / name).unlink()
    (tree.parent / "outside").write_text((tree.parent / "outside").name)
    (tree / "etc" / name).symlink_to("../../outside")
    assert records_of(tree, Gap) == []


def test_every_record_survives_the_way_to_the_backend():
    for record in collect(open_host(), Options(labels=("a=b",))):
        line = encode(record)
        assert decode(line.stable, line.volatile) == record


def test_every_record_has_a_key_of_its_own():
    keys = [record.key for record in collect(open_host(), Options(wants=lambda: {"ports": (Want("cap_none", "x"),)}))]
    assert len(keys) == len(set(keys))


def test_nothing_changes_from_run_to_run():
    runs = [sorted(encode(record).stable for record in collect(open_host(), Options())) for _ in range(2)]
    assert runs[0] == runs[1]


def test_the_agent_says_what_it_is_and_what_it_misses():
    wants = {"ports": (Want("cap_none", "Owners of sockets."),)}
    found = records_of("/", (AgentFacts, Degradation), wants=lambda: wants)
    assert [record.key for record in found if record.key.startswith(("agent", "degradation:ports"))] == [
        "agent",
        "degradation:ports:cap_none",
    ]


def test_another_user_sees_the_host_and_says_what_it_cannot_see(tmp_path):
    """A product UUID that only root may read is a lasting degradation, not a gap of every run."""
    (tmp_path / "sys/class/dmi/id").mkdir(parents=True)
    uuid = tmp_path / "sys/class/dmi/id/product_uuid"
    uuid.write_text("4c4c4544-0051-3510-8052-b4c04f4a3732\n")
    uuid.chmod(0o400)
    os.chmod(tmp_path, 0o755)
    script = """
import os, sys
from agent.collectors.host import collect
from agent.host import open_host
from agent.model.codec import as_line
from agent.model.spec import Cloud, Options, Want
host = open_host(sys.argv[1], "/proc")
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for record in collect(host, Options(wants=lambda: {"ports": (Want("cap_sys_ptrace", "x"),)})):
    print(as_line(record, "host").decode(), end="")
"""
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    kinds = [record["kind"] for record in found]
    assert "gap" not in kinds, found
    assert {record["key"] for record in found if record["kind"] == "degradation"} == {
        "degradation:host:cap_dac_read_search",
        "degradation:ports:cap_sys_ptrace",
    }
    assert found[0]["kernel"] == os.uname().release
    assert "address" in kinds


def test_nothing_is_read_but_what_the_collector_declares():
    """HostRoot and ProcFS say what they read; an audit hook sees what anything else opens."""
    script = """
import sys
import agent.collectors.host as section
from agent.host import open_host
from agent.model.spec import Options
list(section.collect(open_host(), Options()))
opened = []
sys.addaudithook(lambda event, arguments: opened.append(arguments[0]) if event in ("open", "os.listdir", "os.scandir") else None)
host = open_host("/", observe=opened.append)
del opened[:]
list(section.collect(host, Options()))
for path in opened:
    if isinstance(path, str):
        print(path)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    paths = set(run.stdout.split())
    assert "/etc/os-release" in paths
    assert "/proc/stat" in paths
    assert [path for path in paths if not declared(path)] == []


def declared(path):
    """Paths relative to proc's descriptor are observed in full as well; the agent's own descriptors are no part of the host."""
    if not path.startswith("/") or path == "/proc" or path.startswith("/proc/self/fd/"):
        return True
    return any(matches(path, pattern) for pattern in SPEC.reads())


def matches(path, pattern):
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatch.fnmatchcase, parts, patterns))


INSTANCE = {"id": "i-0123456789abcdef0", "type": "t3.micro", "tags": ("a=b",)}


def test_the_instance_is_told_as_its_cloud_says():
    (instance,) = records_of("/", CloudInstance, cloud=Cloud("ec2", INSTANCE))
    assert (instance.provider, instance.id, instance.type, instance.tags) == ("ec2", *INSTANCE.values())
    assert instance.zone is None


def test_a_cloud_that_does_not_answer_is_a_gap_and_no_absence():
    cloud = Cloud("ec2", {}, "the metadata service did not answer within 2 s", "io_error")
    (instance,) = records_of("/", CloudInstance, cloud=cloud)
    assert (instance.provider, instance.id) == ("ec2", None)
    assert Gap("cloud metadata", "io_error", cloud.problem, None) in records_of("/", Gap, cloud=cloud)


def test_a_host_that_is_no_instance_has_no_record_of_one():
    assert records_of("/", CloudInstance) == []


def test_what_a_later_version_kept_of_the_cloud_is_passed_over():
    (instance,) = records_of("/", CloudInstance, cloud=Cloud("gce", {"id": "1", "colour": "red"}))
    assert instance == CloudInstance("gce", id="1")
