"""Programs that have ended long before anybody looks."""

from tests.e2e.usage.conftest import until

LOOP = "touch /ready; while :; do /usr/bin/xz --version > /dev/null; sleep 0.2; done"


def test_a_program_that_ran_for_a_moment_was_executed_and_what_it_loaded_opened(looking, runc, is_ready):
    looking.watch()
    container = runc.start(looking.marks(runc.tree()), "/bin/sh", "-c", LOOP)
    is_ready(container)
    looking.sees(container)
    container.run("/usr/bin/xz", "--version")
    looking.settle()
    uses = looking.collect().uses(container)
    assert (uses["dpkg/xz-utils:amd64"].evidence, uses["dpkg/xz-utils:amd64"].processes) == ("executed", 0)
    assert uses["dpkg/liblzma5:amd64"].evidence == "opened"
    assert "dpkg/bzip2:amd64" not in uses


def test_a_file_that_was_told_of_is_told_of_no_more(looking, runc, is_ready):
    looking.watch()
    container = runc.start(looking.marks(runc.tree()), "/bin/sh", "-c", "touch /ready; exec sleep 1000")
    is_ready(container)
    looking.sees(container)
    container.run("/usr/bin/xz", "--version")
    until(lambda: told(looking, container), "the line of the journal")
    before = told(looking, container)
    for _ in range(3):
        container.run("/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do /usr/bin/xz --version > /dev/null; done")
    looking.settle()
    assert told(looking, container) == before


def told(looking, container):
    """Give how often the journal has a program of a container."""
    journal = looking.folder / "events.journal"
    lines = journal.read_text().splitlines() if journal.exists() else []
    return sum(line.count('"xz"') for line in lines if container.id in line)
