"""The main job on this host: a backend on loopback, the agent once, and what the backend knows afterwards."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    print(f"  {'SECTION':10} {'STATUS':10} {'RECORDS':>8}")
    for name, section in host["sections"].items():
        print(f"  {name:10} {section['status']:10} {section['count']:8}")
    records = {
        name: list(ask.pages(f"/v1/hosts/{host['agent']}/sections/{name}/records", "records"))
        for name in host["sections"]
    }
    print("\nSix facts worth a look:\n")
    for number, fact in enumerate(facts(records), 1):
        print(f"  {number}. {fact}")


def facts(records: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Give six facts, what can be reached from outside first."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for section in records.values():
        for record in section:
            kinds.setdefault(record["kind"], []).append(record["fields"])
    listeners, packages = kinds.get("listener", []), kinds.get("package", [])
    open_ones = [one for one in listeners if one["exposure"] in REACHABLE]
    yield counted(open_ones, "socket", "can be reached from other machines", listener)
    yield counted(kinds.get("executable", []), "program", "without a package", lambda one: one["path"])
    yield integrity(kinds.get("file", []))
    strangers = [one for one in packages if one["provenance"] == "third_party"]
    libraries = [one for one in kinds.get("language_package", []) if not one["owner"]]
    yield (
        f"{len(packages)} packages of {len({one['source_name'] for one in packages})} source packages, "
        f"{len(strangers) or 'none'} known to be built by third parties, and {len(libraries)} packages of languages beside them"
    )
    facts_of_host = kinds["host"][0]
    yield (
        f"it runs Linux {facts_of_host['kernel']} on {facts_of_host['virtualization']}, "
        f"up {facts_of_host['uptime_class'].replace('_', ' ')}, with {facts_of_host['cpus']} processors; "
        f"{reboot(kinds['kernel'][0])}"
    )
    unseen = [*kinds.get("gap", []), *kinds.get("degradation", [])]
    yield counted(unseen, "thing", "could not be seen by this agent", lambda one: one.get("detail") or one["effect"])


def integrity(files: list[dict[str, Any]]) -> str:
    """Say how many of the watched files are what their packages shipped."""
    verdicts = [one["verdict"] for one in files]
    shipped, edited = verdicts.count("packaged"), verdicts.count("configured")
    strange = [one for one in files if one["verdict"] == "contradicts"]
    return (
        f"below {WATCHED.replace(',', ', ')} {shipped} files are as their packages shipped them, {edited} are configuration that "
        f"was edited, and {counted(strange, 'file', 'contradicting its package', lambda one: one['path'])}"
    )


def reboot(kernel: dict[str, Any]) -> str:
    """Say whether a reboot is needed."""
    if kernel["reboot_needed"] is None:
        return "whether it should be rebooted cannot be told"
    return f"it should be rebooted: {kernel['reboot_reasons'][0]}" if kernel["reboot_needed"] else "no reboot is needed"


def counted(found: list[dict[str, Any]], what: str, that: str, name: Any) -> str:
    """Say how many there are, and name the first three."""
    if not found:
        return f"no {what} {that}"
    examples = ", ".join(name(one) for one in found[:3]) + (", ..." if len(found) > 3 else "")
    return f"{len(found)} {what}{'s' if len(found) > 1 else ''} {that}: {examples}"


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
