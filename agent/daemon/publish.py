"""Gives the daemon's numbers away, where that is wanted: to a file for node_exporter, and over HTTP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.daemon.http import Pages
    from agent.daemon.log import Log
    from agent.daemon.plan import Plan


class Publisher:
    """Publishes as the plan says; what fails is logged, and the daemon goes on.

    render: Gives the page of metrics.
    clock: Gives seconds since boot.
    log: Where failures are told.
    """

    def __init__(self, render: Callable[[], bytes], clock: Callable[[], float], log: Log) -> None:
        self._render = render
        self._clock = clock
        self._log = log
        self._file: str | None = None
        self._address: str | None = None
        self._pages: Pages | None = None

    def follow(self, plan: Plan) -> None:
        """Publish as this plan says from now on."""
        self._file = plan.metrics_file
        if plan.metrics_listen != self._address:
            self._address = plan.metrics_listen
            self._listen()

    def write(self) -> None:
        """Write the file anew: whole, and for everybody to read."""
        if self._file is None:
            return
        try:
            fd = os.open(
                f"{self._file}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644
            )
            with open(fd, "wb") as file:
                os.fchmod(fd, 0o644)
                file.write(self._render())
            os.replace(f"{self._file}.new", self._file)
        except OSError as error:
            self._log.state("metrics", "error", f"{self._file}: {error.strerror}")
        else:
            self._log.state("metrics", "debug", "written")

    def step(self) -> None:
        """Answer who asks by HTTP, without waiting."""
        if self._pages:
            self._pages.step()

    def wait(self) -> float:
        """Give the seconds until step has something to do, unless a descriptor is ready before."""
        return self._pages.next_check() - self._clock() if self._pages else float("inf")

    def reading(self) -> list[int]:
        """Give the descriptors that step would read from."""
        return self._pages.reading() if self._pages else []

    def writing(self) -> list[int]:
        """Give the descriptors that step would write to."""
        return self._pages.writing() if self._pages else []

    def _listen(self) -> None:
        if self._pages:
            self._pages.close()
            self._pages = None
        if self._address is None:
            return
        from agent.daemon.http import Pages  # noqa: PLC0415 - half a MiB that only those pay who want it

        try:
            self._pages = Pages(self._address, {"/metrics": self._render, "/healthz": _alive}, self._clock)
        except OSError as error:
            self._log.state("metrics", "error", f"nobody is answered on {self._address}: {error.strerror}")


def _alive() -> bytes:
    return b"ok\n"
