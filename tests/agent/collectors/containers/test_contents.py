"""What is read of containers, how often, and what becomes of it: with readers that say what a test wants."""

from __future__ import annotations

import fnmatch
import json
import os
import time

import pytest

from agent.collectors.containers import SPEC, collect, contents
from agent.model.records import ContainedPackage, Container, ContainerContents, Gap
from agent.model.spec import Options, Unchanged
from tests.agent.containers.fake import ID, OTHER, FakeHost
from tests.hosts.trees import plant

PACKAGE = ["packages", ["dpkg/a:", "dpkg", "a", "1", None, None, None, None, None, None, False]]
ALL = ([*PACKAGE], ["end"])
MOUNTS = "9 8 0:40 / / rw - overlay overlay rw,lowerdir=/l/{0},upperdir=/u/{1}/diff,workdir=/w\n10 9 8:1 /x /data rw - ext4 x rw\n"


class Reader:
    """Stands for the readers: says what it is told to, and remembers what it was asked."""

    def __init__(self, said=ALL):
        self.said = said
        self.asked = []

    def __call__(self, trees, words):
        self.asked.append((len(trees), json.loads(words)))
        reading, writing = os.pipe()
        os.write(writing, b"".join(json.dumps(line).encode() + b"\n" for line in self.said))
        os.close(writing)
        return reading


@pytest.fixture
def host(tmp_path):
    """A host with a store of images."""
    host = FakeHost(tmp_path)
    plant(host.root, {"l/1/x": b"", "l/2/x": b""})
    return host


def start(host, name, pid, layer="1", **given):
    (host.root / f"u/{name[:4]}/diff").mkdir(parents=True, exist_ok=True)
    root = host.root / f"merged-{name[:4]}"
    root.mkdir(exist_ok=True)
    mountinfo = MOUNTS.format(layer, name[:4])
    host.process(pid, f"/docker/{name}", root=root, mountinfo=mountinfo, namespaces={"mnt": "mnt:[9]"}, **given)


def look(host, reader=None, previous=(), **options):
    def before(prefix=""):
        return (record for record in sorted(previous, key=lambda record: record.key) if record.key.startswith(prefix))

    given = Options(previous=before, is_kept=bool(previous), walk_every=3600, read_apart=reader, **options)
    return list(collect(host.open(), given))


def of(records, kind):
    return [record for record in records if isinstance(record, kind)]


def test_containers_of_one_image_are_read_once(host):
    start(host, ID, 30)
    start(host, OTHER, 40)
    reader = Reader()
    records = look(host, reader)
    first, second = of(records, Container)
    assert first.contents == second.contents
    assert len(reader.asked) == 1
    assert [package.key for package in of(records, ContainedPackage)] == [f"contents/{first.contents}/dpkg/a:"]
    (known,) = of(records, ContainerContents)
    assert (known.id, known.packages, known.complete) == (first.contents, 1, True)


def test_those_of_other_images_are_read_each(host):
    start(host, ID, 30)
    start(host, OTHER, 40, layer="2")
    reader = Reader()
    assert len({record.contents for record in of(look(host, reader), Container)}) == 2
    assert len(reader.asked) == 2


def test_what_the_last_snapshot_has_is_unchanged(host):
    start(host, ID, 30)
    before = look(host, Reader())
    reader = Reader()
    after = look(host, reader, before)
    (container,) = of(after, Container)
    assert reader.asked == []
    assert of(after, Unchanged) == [
        Unchanged(f"contents/{container.contents}"),
        Unchanged(f"gap:contents/{container.contents} "),
    ]


def test_a_root_of_which_nothing_tells_that_it_changed_is_read_again_in_its_time(host):
    start(host, ID, 30)
    (host.proc / "30/mountinfo").write_text("9 8 8:1 /srv / rw - ext4 /dev/sda1 rw\n")
    before = look(host, Reader())
    reader = Reader()
    assert of(look(host, reader, before), Unchanged)
    (known,) = of(before, ContainerContents)
    old = type(known)(**{**vars(known), "read_at": known.read_at - 3601})
    look(host, reader, [*(record for record in before if record is not known), old])
    assert len(reader.asked) == 1


def test_what_could_not_be_read_whole_waits_for_an_hour(host):
    start(host, ID, 30)
    before = look(host, Reader(([*PACKAGE],)))
    (known,) = of(before, ContainerContents)
    assert not known.complete
    reader = Reader()
    assert of(look(host, reader, before), Unchanged)
    old = type(known)(**{**vars(known), "read_at": known.read_at - contents.AGAIN - 1})
    look(host, reader, [*(record for record in before if record is not known), old])
    assert len(reader.asked) == 1


def test_a_clock_that_was_set_back_does_not_keep_it_from_being_read(host):
    start(host, ID, 30)
    before = look(host, Reader())
    (known,) = of(before, ContainerContents)
    later = type(known)(**{**vars(known), "read_at": int(time.time()) + 9999})
    reader = Reader()
    look(host, reader, [*(record for record in before if record is not known), later])
    assert len(reader.asked) == 1


def test_a_changed_layer_is_handed_to_the_reader_with_what_the_image_had(host):
    start(host, ID, 30)
    plant(host.root, {f"u/{ID[:4]}/diff/var/lib/dpkg/status": b"x", "l/1/var/lib/dpkg/status": b"y"})
    reader = Reader()
    (container,) = of(look(host, reader), Container)
    assert container.drift is True
    ((trees, (points, databases, is_layered, has_below, _)),) = reader.asked
    assert (trees, points, databases, is_layered, has_below) == (3, ["/data"], ["/var/lib/dpkg/status"], True, True)


def test_a_process_that_got_the_id_of_one_that_ended_is_not_read(host, monkeypatch):
    start(host, ID, 30, started=100)
    asked = contents.Contents._ask

    def late(self, turn):
        stat = host.proc / "30/stat"
        stat.write_text(stat.read_text().replace(" 100\n", " 999\n"))
        return asked(self, turn)

    monkeypatch.setattr(contents.Contents, "_ask", late)
    reader = Reader()
    records = look(host, reader)
    (gap,) = of(records, Gap)
    assert (gap.reason, reader.asked) == ("vanished", [])
    assert gap.hides == f"contents/{of(records, Container)[0].contents}/"


def test_without_readers_packages_are_a_gap_and_the_container_is_told(host):
    start(host, ID, 30)
    records = look(host)
    (container,), (gap,) = of(records, Container), of(records, Gap)
    assert (gap.reason, gap.hides) == ("unsupported", f"contents/{container.contents}")


def test_those_that_failed_last_come_last(host):
    start(host, ID, 30)
    start(host, OTHER, 40, layer="2")
    before = look(host, Reader(([*PACKAGE],)))
    first = of(before, ContainerContents)[0]
    old = type(first)(**{**vars(first), "read_at": first.read_at - contents.AGAIN - 1})
    records = look(host, Reader(), [old])
    assert of(records, ContainerContents)[-1].id == first.id


def test_when_the_time_of_a_look_is_over_the_rest_is_a_gap(host, monkeypatch):
    monkeypatch.setattr(contents, "SECONDS", -1.0)
    start(host, ID, 30)
    records = look(host, Reader())
    (gap,) = of(records, Gap)
    assert (gap.reason, of(records, ContainerContents)) == ("limit", [])


def test_a_container_that_sees_the_root_of_the_host_has_no_contents_of_its_own(host):
    start(host, ID, 30)
    (host.proc / "30/root").unlink()
    (host.proc / "30/root").symlink_to(host.root)
    reader = Reader()
    (container,) = of(look(host, reader), Container)
    assert (container.contents, reader.asked) == (None, [])


def test_in_a_user_namespace_of_somebody_else_layers_are_not_believed(host):
    start(host, ID, 30)
    host.process(20, "/user.slice", Uid="1000 1000 1000 1000")
    mountinfo = MOUNTS.format("1", OTHER[:4])
    (host.root / "merged").mkdir()
    other = {"mnt": "mnt:[8]", "user": "user:[8]"}
    host.process(40, f"/docker/{OTHER}", parent=20, root=host.root / "merged", mountinfo=mountinfo, namespaces=other)
    first, second = of(look(host, Reader()), Container)
    assert first.contents != second.contents
    assert second.drift is None


def test_more_mount_points_than_fit_are_left_to_the_reader_to_meet(host):
    start(host, ID, 30)
    lines = "".join(f"{number} 9 8:1 /x /{'d' * 200}{number} rw - ext4 x rw\n" for number in range(100, 2000))
    with open(host.proc / "30/mountinfo", "a") as file:
        file.write(lines)
    reader = Reader()
    look(host, reader)
    (_, (points, *_)) = reader.asked[0]
    assert points[0] == "/data"
    assert sum(map(len, points)) <= 60 * 1024


def test_nothing_is_read_that_is_not_declared(host):
    start(host, ID, 30)
    observed = []
    opened = host.open()
    opened.proc._observe = observed.append
    list(collect(opened, Options(read_apart=Reader())))
    paths = {path.replace(str(host.proc), "/proc") for path in observed}
    assert {
        path for path in paths if not any(fnmatch.fnmatch(path, glob) for glob in SPEC.reads() if glob != "/**")
    } <= {"/"}


def test_on_a_host_without_containers_there_is_nothing(host):
    assert look(host, Reader()) == []
