"""Against the truth: what services have really loaded is used, and nothing else is, of all that is installed around them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.usage.conftest import until_alive
from tests.e2e.usage.corpus import services
from tests.e2e.usage.oracle import packages_of

LEAST = 20
TRIES = 20


@pytest.fixture
def corpus(tmp_path, looking, runc):
    """Every service in a container of its own, when all have said what they have loaded."""
    found = services(tmp_path)
    looking.watch()
    trees = {service.name: runc.tree({**service.files, "truth/.empty": ""}) for service in found}
    running = {service.name: runc.start(looking.marks(trees[service.name]), *service.command) for service in found}
    for container in running.values():
        until_alive(container, (container.tree.upper / "truth/ready").exists)
    for container in running.values():
        looking.sees(container)
    return {service.name: (service, running[service.name]) for service in found}


def loaded(container):
    """Give the files that a container's processes say that they have loaded, and those that the kernel says that they have."""
    paths = set()
    for truth in (container.tree.upper / "truth").iterdir():
        paths.update(truth.read_text().split("\n"))
    for _ in range(TRIES):
        try:
            for pid in container.pids():
                paths.add(os.readlink(f"/proc/{pid}/exe"))
                paths.update(
                    f"/{line.partition('/')[2]}" for line in Path(f"/proc/{pid}/maps").read_text().splitlines()
                )
            break
        except (FileNotFoundError, ProcessLookupError):
            continue  # one of them has ended meanwhile, and another may have come
    return {path for path in paths if path.startswith("/")}


def used(looking, container, planted=False):
    """Give what is said to be used, as ecosystem/name; of languages, if so asked, only what is the service's own."""
    return {
        f"{key.rpartition('#')[2].partition('/')[0]}/{use.name}"
        for key, use in looking.uses(container).items()
        if not planted or use.location is None or use.location.startswith(("/opt/", "/app/"))
    }


def of_programs(service):
    """Give the files that a service cannot tell of itself, with what the programs among them are linked to."""
    linked = subprocess.run(["ldd", *service.loaded], capture_output=True, text=True).stdout if service.loaded else ""
    return {*service.loaded, *re.findall(r"(/\S+) \(0x", linked)}


def test_all_that_was_loaded_is_used_and_nothing_else(corpus, looking):
    looking.settle()
    truth = {
        name: packages_of(loaded(container) | of_programs(service), container.tree.upper)
        for name, (service, container) in corpus.items()
    }
    looking.collect()
    said = {name: used(looking, container) for name, (_, container) in corpus.items()}
    assert {name: truth[name] - said[name] for name in corpus if truth[name] - said[name]} == {}
    assert {name: said[name] - truth[name] for name in corpus if said[name] - truth[name]} == {}
    planted = {name: used(looking, container, planted=True) for name, (_, container) in corpus.items()}
    idle = {name: service.idle & planted[name] for name, (service, _) in corpus.items()}
    assert {name: each for name, each in idle.items() if each} == {}
    assert len(corpus) >= LEAST
