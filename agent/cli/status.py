"""stocktake status: what the state folder tells of every section, the deliveries and the daemon."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agent.cli import exit as codes
from agent.cli.configuration import loaded
from agent.cli.table import Table, shown
from agent.config.show import duration
from agent.delivery.attempts import read_attempt
from agent.delivery.backoff import read_delivery
from agent.delivery.deliver import undelivered
from agent.delivery.files import read_small
from agent.delivery.store import folder_of
from agent.host.opens_state import opens_state
from agent.host.watch_state import watch_state
from agent.model.settings import Settings, sections
from agent.worker.state import StateRefused, is_locked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

_LIMIT = 64 * 1024


def status(arguments: argparse.Namespace) -> int:
    """Print the status; the exit code says whether a section is degraded or something waits to be sent."""
    settings = loaded(arguments).settings
    state = gather(settings)
    if arguments.json:
        print(json.dumps(state, indent=2))
    else:
        _print(state, time.time())
    if any(section["status"] not in ("complete", "unsupported") for section in state["sections"].values()):
        return codes.PARTIAL
    return codes.NOT_DELIVERED if state["delivery"]["undelivered"] else codes.OK


def gather(settings: Settings) -> dict[str, Any]:
    """Collect from the state folder all that is known; StateRefused when it cannot be looked into."""
    folder = settings.state_dir
    if not os.access(folder, os.R_OK | os.X_OK):
        raise StateRefused(f"{folder}: there is no state that this user can read; has `stocktake run` been started?")
    daemon = _daemon(folder)
    waiting = undelivered(folder, sections(settings))
    return {
        "state_dir": folder,
        "daemon": daemon,
        "sections": {name: _section(folder, name, every, daemon) for name, every in sections(settings).items()},
        "watcher": _watcher(settings),
        "opens": _opens(settings),
        "delivery": {**asdict(read_delivery(folder)), "sink": settings.sink, "undelivered": list(waiting)},
    }


def _section(folder: str, name: str, every: int, daemon: Mapping[str, Any]) -> dict[str, Any]:
    attempt = read_attempt(folder_of(folder, name))
    known = asdict(attempt) if attempt else {"status": "never attempted", "last_success_at": None}
    return {**known, "every": every, "next_at": daemon.get("next", {}).get(name) if daemon["running"] else None}


def _watcher(settings: Settings) -> dict[str, Any]:
    """Give whether changes of files are watched as they happen."""
    folder = folder_of(settings.state_dir, "integrity")
    return asdict(watch_state(folder, wanted=settings.integrity_enabled and settings.integrity_watch).watch)


def _opens(settings: Settings) -> dict[str, Any]:
    """Give whether files that are opened in containers are watched, and in how many."""
    folder = folder_of(settings.state_dir, "usage")
    state = opens_state(folder, wanted=settings.usage_enabled and settings.usage_watch)
    return {**state._asdict(), "scopes": len(state.scopes)}


def _daemon(folder: str) -> dict[str, Any]:
    """Give what the daemon told of itself last, and whether it still runs."""
    try:
        told = json.loads(read_small(os.path.join(folder, "daemon.json"), _LIMIT) or b"{}")
    except (OSError, ValueError):
        told = {}
    if not isinstance(told, dict):
        told = {}
    return {**told, "running": bool(told) and is_locked(folder) and os.path.exists(f"/proc/{told.get('pid')}")}


def _print(state: Mapping[str, Any], now: float) -> None:
    _print_daemon(state["daemon"], now)
    table = Table(
        ("SECTION", "STATUS", "RECORDS", "GAPS", "LAST ATTEMPT", "LAST SUCCESS", "NEXT", "CPU", "PEAK", "ERROR")
    )
    for name, section in state["sections"].items():
        table.add(_row(name, section, now))
    table.print(sys.stdout)
    for name, section in state["sections"].items():
        if section.get("unconfined"):
            print(f"{name}: this system refuses a part of its confinement: {', '.join(section['unconfined'])}")
    print(f"watcher of files: {_watch(state['watcher'], now)}")
    print(f"watcher of opens: {_watch_of_opens(state['opens'], now)}")
    delivery = state["delivery"]
    print(f"delivery: {_delivery(delivery, now)}")
    print(f"waiting to be sent: {', '.join(delivery['undelivered']) or 'nothing'}")


def _row(name: str, section: Mapping[str, Any], now: float) -> tuple[object, ...]:
    return (
        name,
        section["status"],
        section.get("count"),
        section.get("gaps"),
        _ago(section.get("started_at"), now),
        _ago(section["last_success_at"], now),
        _in(section["next_at"], now),
        f"{section['cpu_seconds']} s" if "cpu_seconds" in section else None,
        f"{section['peak_mib']} MiB" if "peak_mib" in section else None,
        section.get("error"),
    )


def _print_daemon(daemon: Mapping[str, Any], now: float) -> None:
    if not daemon["running"]:
        print("daemon: not running")
        return
    print(
        f"daemon: running as process {daemon['pid']} since {_ago(daemon['started_at'], now)}; {daemon['jobs_done']} jobs, "
        f"{daemon['cpu_seconds']} s of processor time in all, {daemon['resident_kib'] / 1024:.1f} MiB resident"
    )


def _watch(watcher: Mapping[str, Any], now: float) -> str:
    """Say whether it watches; where it does not, scans are all there is."""
    reason = f": {shown(watcher['reason'])}" if watcher["reason"] else ""
    lost = f", {watcher['missed']} events lost" if watcher["missed"] else ""
    if watcher["state"] != "watching":
        return f"{watcher['state']}{reason}{lost}; scans alone tell what changed"
    form = (watcher["form"] or "files").replace("_", " ")
    return f"watching {form} since {_ago(watcher['since'], now)}{lost}{reason}"


def _watch_of_opens(opens: Mapping[str, Any], now: float) -> str:
    """Say whether it watches; where it does not, only what is in memory or open at a look is seen used."""
    lost = f", events lost {opens['missed']} times" if opens["missed"] else ""
    if opens["state"] != "watching":
        return f"{opens['state']}: {shown(opens['reason'])}{lost}; what processes hold at a look is all that is seen"
    return f"watching {opens['scopes']} containers since {_ago(opens['since'], now)}{lost}"


def _delivery(delivery: Mapping[str, Any], now: float) -> str:
    if delivery["error"]:
        wait = max(0, delivery["not_before"] - now)
        return f"failed {delivery['failures']} times: {shown(delivery['error'])}; next attempt in {duration(int(wait))}"
    return f"to {delivery['sink']}, last accepted {_ago(delivery['delivered_at'], now) or 'never'}"


def _ago(moment: int | None, now: float) -> str | None:
    return None if moment is None else f"{duration(max(0, int(now - moment)), exact=False)} ago"


def _in(moment: int | None, now: float) -> str | None:
    return None if moment is None else f"in {duration(max(0, int(moment - now)), exact=False)}"
