"""A Python service in a container: what it imports is used, what is merely installed is not."""

SITE = "opt/app/lib/python3/site-packages"
SERVICE = """
import http.server, sys
sys.path.insert(0, "/opt/app/lib/python3/site-packages")
import useful
server = http.server.HTTPServer(("0.0.0.0", 8000), http.server.BaseHTTPRequestHandler)
open("/ready", "w").close()
server.serve_forever()
"""
IMPORTING = f"import sys; sys.path.insert(0, '/{SITE}'); import {{}}; print(flush=True); sys.stdin.read()"
"""Imports something and stays, for who has ended before the watcher looks cannot be asked what it was."""


def distribution(name, **modules):
    """Give the files of a pure-Python distribution."""
    described = f"{SITE}/{name}-1.0.dist-info"
    record = "".join(f"{name}/{module}.py,,\n" for module in modules)
    return {
        f"{described}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n",
        f"{described}/RECORD": f"{record}{name}-1.0.dist-info/METADATA,,\n",
        **{f"{SITE}/{name}/{module}.py": code for module, code in modules.items()},
    }


FILES = {
    **distribution("useful", __init__="from useful import inner\n", inner="", late=""),
    **distribution("idle", __init__=""),
    "opt/app/service.py": SERVICE,
}


def key(name):
    return f"/{SITE}/{name}-*.dist-info/METADATA#pypi/{name}"


def test_what_is_imported_is_opened_and_what_is_not_is_not(looking, runc, is_ready):
    looking.watch()
    container = runc.start(looking.marks(runc.tree(FILES)), "/usr/bin/python3", "/opt/app/service.py")
    is_ready(container)
    looking.sees(container)
    looking.settle()
    uses = looking.collect().uses(container)
    assert (uses[key("useful")].evidence, uses[key("useful")].version) == ("opened", "1.0")
    assert key("idle") not in uses
    interpreter = next(use for use in uses.values() if use.evidence == "executed" and use.name.startswith("python3"))
    assert (interpreter.listening, interpreter.exposure, interpreter.root) == (True, "container-internal", True)


def test_a_scope_that_was_watched_from_its_start_says_that_nothing_was_missed(looking, runc, is_ready):
    looking.watch()
    container = runc.start(looking.marks(runc.tree(FILES)), "/usr/bin/python3", "/opt/app/service.py")
    is_ready(container)
    looking.sees(container)
    scope = looking.collect().scope(container)
    assert (scope.complete, scope.opens, scope.missed, scope.unread) == (True, "watched", None, None)


def test_without_the_watcher_it_is_said_what_may_have_been_missed(looking, runc, is_ready):
    container = runc.start(runc.tree(FILES), "/usr/bin/python3", "/opt/app/service.py")
    is_ready(container)
    scope = looking.collect().scope(container)
    assert (scope.complete, scope.opens, scope.watched_since) == (False, "descriptors", None)
    assert "the watcher is not running" in scope.missed
    assert key("useful") not in looking.uses(container)


def test_what_is_imported_after_the_watch_began_late_is_seen_and_the_beginning_is_said_to_be_missed(
    looking, runc, is_ready
):
    container = runc.start(runc.tree(FILES), "/usr/bin/python3", "/opt/app/service.py")
    is_ready(container)
    looking.watch().sees(container)
    with container.running("/usr/bin/python3", "-c", IMPORTING.format("useful.late")):
        looking.settle()
    looking.watch().sees(container)
    assert looking.collect().uses(container)[key("useful")].evidence == "opened"
    scope = looking.scope(container)
    assert (scope.complete, scope.missed) == (
        False,
        "files that were opened before it was watched; processes that ended between two looks",
    )


def test_who_lists_what_is_installed_or_reads_through_it_uses_nothing(looking, runc, is_ready):
    looking.watch()
    container = runc.start(looking.marks(runc.tree(FILES)), "/usr/bin/python3", "/opt/app/service.py")
    is_ready(container)
    looking.sees(container)
    listing = (
        "import importlib.metadata as m, sys; sys.path.insert(0, '/%s'); print([d.version for d in m.distributions()])"
    )
    container.run("/usr/bin/python3", "-c", listing % SITE)
    container.run(
        "/bin/sh", "-c", f"grep -r nothing /{SITE} || true; cat /{SITE}/idle/*.py; tar -cf /tmp/a.tar /{SITE}"
    )
    container.run("/usr/bin/python3", "-m", "compileall", "-q", f"/{SITE}")
    looking.settle()
    assert key("idle") not in looking.collect().uses(container)


def test_evidence_stays_when_the_process_is_gone_and_goes_with_the_package(looking, runc, is_ready):
    looking.watch()
    tree = runc.tree(FILES)
    container = runc.start(looking.marks(tree), "/bin/sh", "-c", "touch /ready; exec sleep 1000")
    is_ready(container)
    looking.sees(container)
    with container.running("/usr/bin/python3", "-c", IMPORTING.format("useful, idle")):
        looking.settle()
    first = looking.collect().uses(container)[key("useful")]
    again = looking.collect().uses(container)[key("useful")]
    assert (again.evidence, again.first_seen, again.processes) == ("opened", first.first_seen, 0)
    container.run("/bin/sh", "-c", f"rm -r /{SITE}/idle*")
    assert key("idle") not in looking.collect().uses(container)
    assert key("useful") in looking.uses(container)
