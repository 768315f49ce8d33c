"""The main job on this host: a backend on loopback, the agent once, and what the backend knows afterwards."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Kinds: TypeAlias = defaultdict[str, list[dict[str, Any]]]

PYTHON = (sys.executable, "-I", "-m")
WATCHED = "/etc,/usr/bin,/usr/sbin"
"""Trees whose files are read here; by default there are more, which takes longer than a demonstration should."""
REACHABLE = ("public", "any", "published")


def main(folder: str) -> int:
    """Run the demonstration below a folder; give the agent's exit code when it could not deliver."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    folder = os.path.abspath(folder)
    tokens = {"JOIN": secrets.token_urlsafe(32), "READ": secrets.token_urlsafe(32)}
    with backend(folder, tokens) as url:
        code = run_agent(folder, url, tokens["JOIN"])
        if code not in (0, 3):
            return code
        show(Questions(url, tokens["READ"]))
    where_next(folder)
    return 0


@contextmanager
def backend(folder: str, tokens: dict[str, str]) -> Iterator[str]:
    """Run the embedded backend while the block runs; give its address."""
    environment = {f"STOCKTAKE_BACKEND_{purpose}_TOKEN": token for purpose, token in tokens.items()}
    words = [
        *PYTHON,
        "backend.cli",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--store",
        f"sqlite:///{folder}/backend.sqlite",
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ | environment)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("listening on "):
            raise SystemExit("the backend did not start; see above")
        print(f"backend: {line.strip()}, store {folder}/backend.sqlite")
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait()


def run_agent(folder: str, url: str, join: str) -> int:
    """Run the agent once over this host."""
    ours = {
        "STOCKTAKE_STATE_DIR": f"{folder}/state",
        "STOCKTAKE_BACKEND_URL": url,
        "STOCKTAKE_BACKEND_JOIN_TOKEN": join,
        "STOCKTAKE_INTEGRITY_TREES": WATCHED,
    }
    return subprocess.run([*PYTHON, "agent.cli", "run", "--once"], env=os.environ | ours, check=False).returncode


class Questions:
    """Asks the backend."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def pages(self, path: str, name: str) -> Iterator[dict[str, Any]]:
        """Give all that a list holds, page by page."""
        cursor = ""
        while cursor is not None:
            request = urllib.request.Request(f"{self._url}{path}?limit=500{cursor}")
            request.add_header("Authorization", f"Bearer {self._token}")
            with urllib.request.urlopen(request) as answer:
                page = json.load(answer)
            yield from page[name]
            cursor = f"&cursor={page['next']}" if page["next"] else None


def show(ask: Questions) -> None:
    """Print what the backend knows of the host."""
    host = max(ask.pages("/v1/hosts", "hosts"), key=lambda one: one["heartbeat_at"] or 0)
    print(f"\nThe backend knows {host['hostname']}, {host['distribution_name']}, as agent {host['agent']}:\n")
    print(f"  {'SECTION':10} {'STATUS':11} {'RECORDS':>8}")
    for name, section in host["sections"].items():
        attempt = section["last_attempt"] or {"status": "never"}
        print(f"  {name:10} {section['status'] or attempt['status']:11} {section['count']:8}")
    records = {
        name: list(ask.pages(f"/v1/hosts/{host['agent']}/sections/{name}/records", "records"))
        for name in host["sections"]
    }
    print("\nFive facts worth a look:\n")
    for number, fact in enumerate(facts(records), 1):
        print(f"  {number}. {fact}")


class Fact(NamedTuple):
    """Something worth knowing.

    urgent: Whether somebody should do something about it.
    """

    urgent: bool
    text: str


def facts(records: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Give the five most interesting facts, those first that ask for something to be done."""
    kinds: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for section in records.values():
        for record in section:
            kinds[record["kind"]].append(record["fields"])
    found = [fact for tell in FACTS for fact in tell(kinds)]
    return [fact.text for fact in sorted(found, key=lambda fact: not fact.urgent)][:5]


def changed_files(kinds: Kinds) -> Iterator[Fact]:
    """Tell of files that are not what their package shipped."""
    files = kinds["file"]
    strange = [one for one in files if one["verdict"] == "contradicts"]
    told = counted(strange, "file", "differing from what its package shipped", lambda one: one["path"])
    shipped = sum(one["verdict"] == "packaged" for one in files)
    yield Fact(bool(strange), f"{told}; {shipped} below {WATCHED.replace(',', ', ')} are as they were shipped")


def stale_packages(kinds: Kinds) -> Iterator[Fact]:
    """Tell of packages that were replaced on disk and are still in memory."""
    stale = [one for one in kinds["package_use"] if one["stale"]]
    if stale:
        yield Fact(True, counted(stale, "package", "replaced on disk and still old in memory", lambda one: one["name"]))


def reachable(kinds: Kinds) -> Iterator[Fact]:
    """Tell what can be reached from other machines, and which packages in use are behind it."""
    sockets = [one for one in kinds["listener"] if one["exposure"] in REACHABLE]
    behind = {one["name"] for one in kinds["package_use"] if one["exposure"] in REACHABLE}
    told = counted(sockets, "socket", "reachable from other machines", listener)
    yield Fact(bool(sockets), f"{told}; {len(behind) or 'no'} packages are in use behind such sockets")


def checks(kinds: Kinds) -> Iterator[Fact]:
    """Tell how far the host is configured as its benchmark asks."""
    for score in kinds["benchmark_score"][:1]:
        failed = [one["title"] for one in kinds["check_result"] if one["verdict"] == "fail"]
        told = f": {'; '.join(failed[:2])}; ..." if failed else ""
        yield Fact(
            bool(failed),
            f"{score['failed']} of {score['failed'] + score['passed']} checks of {score['benchmark']} "
            f"(level {score['level']}, {score['profile']}) fail{told}",
        )


def strangers(kinds: Kinds) -> Iterator[Fact]:
    """Tell of programs that no package owns."""
    programs = kinds["executable"]
    yield Fact(bool(programs), counted(programs, "program", "not owned by any package", lambda one: one["path"]))


def powerful_containers(kinds: Kinds) -> Iterator[Fact]:
    """Tell of containers, first of those that could take over the host."""
    containers = kinds["container"]
    powerful = [one for one in containers if one["privileged"] or one["host_mounts"]]
    if containers:
        told = counted(powerful, "of them", "with power over the host", lambda one: one["name"] or one["id"][:12])
        yield Fact(bool(powerful), f"{len(containers)} containers run, {told}")


def kernels(kinds: Kinds) -> Iterator[Fact]:
    """Tell what runs, and whether a reboot is needed."""
    host, kernel = kinds["host"][0], (kinds["kernel"] or [{"reboot_needed": None}])[0]
    why = f"it should be rebooted: {kernel['reboot_reasons'][0]}" if kernel["reboot_needed"] else ""
    calm = "no reboot is needed" if kernel["reboot_needed"] is False else "whether it should be rebooted cannot be told"
    system = f"it runs Linux {host['kernel']} on {host['virtualization']} with {host['cpus']} processors"
    yield Fact(bool(why), f"{system}; {why or calm}")


def inventory(kinds: Kinds) -> Iterator[Fact]:
    """Tell what is installed, and how much of it is in use."""
    packages = kinds["package"]
    third = sum(one["provenance"] == "third_party" for one in packages)
    used = sum(one["scope"] == "host" for one in kinds["package_use"])
    libraries = sum(not one["owner"] for one in kinds["language_package"])
    yield Fact(
        False,
        f"{len(packages)} packages, {third or 'none'} of them known to be built by third parties, and {libraries} packages of "
        f"languages beside them; {used} were seen in use",
    )


def unseen(kinds: Kinds) -> Iterator[Fact]:
    """Tell what this agent could not see."""
    missing = [*kinds["gap"], *kinds["degradation"]]
    if missing:
        told = counted(missing, "thing", "not seen by this agent", lambda one: one.get("detail") or one["effect"])
        yield Fact(False, told)


FACTS = (
    changed_files,
    stale_packages,
    reachable,
    powerful_containers,
    checks,
    strangers,
    kernels,
    inventory,
    unseen,
)
"""What may be told, the most urgent first."""


def counted(found: list[dict[str, Any]], what: str, that: str, name: Any) -> str:
    """Say how many there are, and name the first three."""
    if not found:
        return f"no {what} {that}"
    examples = ", ".join(name(one) for one in found[:3]) + (", ..." if len(found) > 3 else "")
    return f"{len(found)} {what}{'s' if len(found) > 1 and what != 'of them' else ''} {that}: {examples}"


def listener(one: dict[str, Any]) -> str:
    """Name a listener."""
    holder = one["package"] or one["executable"] or f"user {one['user'] or one['uid']}"
    return f"{one['protocol']} {one['address']} port {one['port']} ({holder}, {one['exposure']})"


def where_next(folder: str) -> None:
    """Say where to look further."""
    bin_folder = os.path.relpath(os.path.dirname(sys.executable))
    print(f"""
Where to look further:

  {bin_folder}/stocktake scan ports                 what listens, as a table
  {bin_folder}/stocktake scan integrity --only contradicts
                                             files that are not what their package shipped
  {bin_folder}/stocktake scan --format ndjson       everything, a record a line
  {bin_folder}/stocktake payload packages           exactly what would leave this host
  STOCKTAKE_STATE_DIR={folder}/state {bin_folder}/stocktake status
  {bin_folder}/stocktake-backend serve --store sqlite:///{folder}/backend.sqlite
                                             the backend again; GET /openapi.json tells what it answers
""")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
