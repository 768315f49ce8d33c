import json
import os

from agent.collectors.containers.inside import Request, load, read
from agent.databases import dpkg
from agent.host.walk import Budget
from tests.hosts.trees import STATUS, plant, stanza

METADATA = "usr/lib/python3/dist-packages/x-1.0.dist-info/METADATA"
FILES = {
    STATUS: stanza("a") + stanza("gone", status="deinstall ok config-files"),
    "var/lib/dpkg/info/a.list": f"/.\n/{METADATA}\n".encode(),
    "var/lib/dpkg/info/gone.list": b"/.\n",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
    METADATA: b"Metadata-Version: 2.1\nName: x\nVersion: 1.0\n",
    "data/node_modules/y/package.json": b'{"name": "y", "version": "1"}',
}


def flat(told):
    """Give each package as a line of its own."""
    for kind, *values in told:
        yield from ([["package", *each] for each in values] if kind == "packages" else [[kind, *values]])


def lines(root, **request):
    fd = os.open(root, os.O_PATH | os.O_DIRECTORY)
    try:
        return list(flat(json.loads(line) for line in read([fd], json.dumps(Request(**request)).encode())))
    finally:
        os.close(fd)


def test_it_says_what_it_is_then_its_packages_and_that_this_was_all(tmp_path):
    first, *between, last = lines(plant(tmp_path, FILES))
    assert first == ["distribution", "debian", "12", ["dpkg"]]
    assert [line[2:5] for line in between] == [["dpkg", "a", "1.0-1"], ["npm", "y", "1"], ["pypi", "x", "1.0"]]
    assert last == ["end"]


def test_what_is_mounted_in_it_is_not_looked_at(tmp_path):
    told = lines(plant(tmp_path, FILES), points=("/data",))
    assert [line[3] for line in told if line[0] == "package"] == ["a", "x"]


def test_a_package_of_a_language_names_the_package_that_owns_it(tmp_path):
    (found,) = (line for line in lines(plant(tmp_path, FILES)) if line[0] == "package" and line[3] == "x")
    assert found[1:3] == ["/usr/lib/python3/dist-packages/x-*.dist-info/METADATA#pypi/x", "pypi"]
    assert found[9:12] == [f"/{METADATA}", "dpkg/a:amd64", None]


def test_an_empty_root_has_nothing_and_that_is_all(tmp_path):
    assert lines(tmp_path) == [["distribution", None, None, []], ["end"]]


def test_a_database_that_cannot_be_read_is_a_gap_and_the_rest_is_read(tmp_path):
    plant(tmp_path, {**FILES, "lib/apk/db/installed": b""})
    os.unlink(tmp_path / STATUS)
    os.mkfifo(tmp_path / STATUS)
    told = lines(tmp_path)
    assert any(line[0] == "gap" and line[4] == "dpkg/" for line in told)
    assert {line[3] for line in told if line[0] == "package"} == {"x", "y"}
    assert told[-1] == ["end"]


def test_names_that_are_not_text_are_carried(tmp_path):
    name = b"data/node_modules/\xff\n\x1b"
    os.makedirs(os.path.join(os.fsencode(tmp_path), name))
    with open(os.path.join(os.fsencode(tmp_path), name, b"package.json"), "wb") as file:
        file.write(b'{"name": "z", "version": "1"}')
    (found,) = (line for line in lines(tmp_path) if line[0] == "package")
    assert os.fsencode(found[9]) == b"/" + name + b"/package.json"


def test_all_code_is_loaded_before_it_is_out_of_reach():
    load()


def test_a_million_files_are_met_as_far_as_the_budget_goes(tmp_path):
    plant(tmp_path, {**FILES, **{f"many/{number}/x": b"" for number in range(300)}})
    told = lines(tmp_path, budget=Budget(entries=100))
    assert any(line[0] == "gap" and line[2] == "limit" for line in told)
    assert next(line[3] for line in told if line[0] == "package") == "a"
    assert told[-1] == ["end"]


def test_a_database_that_takes_too_much_memory_keeps_no_other_from_being_read(tmp_path, monkeypatch):
    plant(tmp_path, {**FILES, "lib/apk/db/installed": b"P:b\nV:1-r0\n\n"})

    def packages(_host, _asked):
        raise MemoryError

    monkeypatch.setattr(dpkg, "packages", packages)
    told = lines(tmp_path)
    assert [line[3] for line in told if line[0] == "package"] == ["b", "y", "x"]
    assert [line[2:5:2] for line in told if line[0] == "gap"] == [["limit", "dpkg/"]]
