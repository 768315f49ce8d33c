"""A container that does all it can to be misread; whatever it does, the others are told of as they are."""

from agent.host import open_host

NAMES = """
import ctypes, mmap, os, sys
libc = ctypes.CDLL(None)
libc.prctl(15, b") R 1 (x\\n/usr/bin", 0, 0, 0)
os.makedirs("/odd", exist_ok=True)
kept = []
for name in ("a (deleted)", "new\\nline.so", "\\x1b[31mred.so", "back\\\\012slash.so", "b" * 250 + ".so"):
    with open(f"/odd/{name}", "w+b") as file:
        file.write(b"x" * 4096)
        file.flush()
        kept.append(mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC))
with open("/odd/gone.so", "w+b") as file:
    file.write(b"x" * 4096)
    file.flush()
    kept.append(mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC))
os.unlink("/odd/gone.so")
open("/ready", "w").close()
while True:
    for _ in range(100):
        kept.append(mmap.mmap(-1, 4096))
    del kept[6:]
"""
MANY = """
import mmap, os, signal
with open("/many", "w+b") as file:
    file.truncate(4096 * 2)
    kept = []
    try:
        for _ in range(100_000):
            kept.append(mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC if len(kept) % 2 else mmap.PROT_READ))
    except OSError:
        pass
open("/ready", "w").close()
signal.pause()
"""
ZLIB = "dpkg/zlib1g:amd64"


def python(runc, code, files=None):
    return runc.start(runc.tree({"hostile.py": code, **(files or {})}), "/usr/bin/python3", "/hostile.py")


def test_names_with_escapes_line_feeds_and_marks_are_read_and_make_nothing_stale(looking, runc, is_ready):
    container = python(runc, NAMES)
    is_ready(container)
    uses = looking.collect().uses(container)
    assert uses[ZLIB].evidence == "mapped"
    assert [use.name for use in uses.values() if use.stale] == []
    assert looking.gaps(container) == []
    assert looking.scope(container).processes == 1


def test_many_mappings_of_a_process_cost_little_and_hide_nothing(looking, runc, is_ready):
    container = python(runc, MANY)
    is_ready(container)
    uses = looking.collect().uses(container)
    assert uses[ZLIB].evidence == "mapped"
    assert looking.gaps(container) == []


def test_a_container_whose_databases_are_no_files_harms_its_own_result_alone(looking, runc, is_ready):
    good = python(runc, "open('/ready', 'w').close(); import signal; signal.pause()")
    tree = runc.tree({"hostile.py": "open('/ready', 'w').close(); import signal; signal.pause()"})
    bad = runc.start(tree, "/usr/bin/python3", "/hostile.py")
    is_ready(good)
    is_ready(bad)
    bad.run(
        "/bin/sh",
        "-c",
        "rm -r /var/lib/dpkg/status /var/lib/dpkg/info; mkfifo /var/lib/dpkg/status; ln -s /proc/1/root/var/lib/dpkg/info /var/lib/dpkg/info",
    )
    looking.collect()
    assert looking.uses(good)[ZLIB].evidence == "mapped"
    assert ZLIB not in looking.uses(bad)
    assert {gap.reason for gap in looking.gaps(bad)} == {"not_a_file"}
    assert all(gap.hides.startswith(f"{bad.id}/") for gap in looking.gaps(bad))


def test_links_lead_nowhere_out_of_the_container(looking, runc, is_ready):
    code = "import sys; sys.path.insert(0, '/site'); import inside; open('/ready', 'w').close(); import signal; signal.pause()"
    tree = runc.tree({"hostile.py": code, "site/inside/__init__.py": ""})
    secret = tree.folder / "secret-1.0.dist-info"  # on a file system that the container does not have
    secret.mkdir()
    (secret / "METADATA").write_text("Metadata-Version: 2.1\nName: secret\nVersion: 1.0\n\n")
    (secret / "RECORD").write_text("inside/__init__.py,,\n")
    (tree.upper / "site/secret-1.0.dist-info").symlink_to(secret)
    looking.watch()
    container = runc.start(looking.marks(tree), "/usr/bin/python3", "/hostile.py")
    is_ready(container)
    looking.sees(container)
    looking.settle()
    assert "secret" not in {use.name for use in looking.collect().uses(container).values()}


def test_a_container_that_is_removed_while_it_is_read_leaves_no_trace_but_a_word(looking, runc, is_ready, monkeypatch):
    container = python(runc, "open('/ready', 'w').close(); import signal; signal.pause()")
    is_ready(container)
    host = open_host()
    real = host.proc.root_of

    def removed(proc, pid):
        if pid == container.pid:
            container.close()
        return real(pid)

    monkeypatch.setattr(type(host.proc), "root_of", removed)
    looking.collect()
    assert looking.uses(container) == {}
    assert [(gap.reason, gap.hides) for gap in looking.gaps(container)] == [("vanished", f"{container.id}/")]
