"""Checks of what sets the clock."""

from __future__ import annotations

from agent.checks.engine.check import Check
from agent.checks.predicates import chrony, package, time_service, unit
from agent.checks.predicates.combine import any_of

_WHY = "With a wrong clock the logs of several hosts do not fit together, and certificates and tokens are not valid."
_SERVERS_WHY = "Whoever answers instead of the site's own servers sets the clock."

CHECKS = (
    Check(
        id="time_single_service",
        title="Exactly one service sets the clock: {accepted}",
        why="Two services pull the clock to and fro; none lets it drift.",
        fix="Enable one, and remove or mask the other.",
        rule=time_service.single,
        parameters={"accepted": ("chrony", "systemd-timesyncd")},
    ),
    Check(
        id="timesyncd_servers",
        title="systemd-timesyncd asks the servers of the site",
        why=_SERVERS_WHY,
        fix="Set NTP= and FallbackNTP= in [Time] of a file in /etc/systemd/timesyncd.conf.d.",
        rule=time_service.servers,
        parameters={"known": ()},
    ),
    Check(
        id="timesyncd_on",
        title="systemd-timesyncd is enabled and active",
        why=_WHY,
        fix="Run `systemctl unmask systemd-timesyncd.service` and `systemctl enable --now systemd-timesyncd.service`.",
        rule=lambda: unit.on("systemd-timesyncd.service"),
    ),
    Check(
        id="package_chrony_installed",
        title="chrony installed",
        why=_WHY,
        fix="Install chrony.",
        rule=lambda: package.installed("chrony"),
    ),
    Check(
        id="chrony_sources",
        title="chrony asks the servers of the site",
        why=_SERVERS_WHY,
        fix="Write lines `server` or `pool` to chrony.conf, or to a file of a directory that it names.",
        rule=chrony.sources,
        parameters={"known": ()},
    ),
    Check(
        id="chrony_user",
        title="chronyd runs as {accepted}",
        why="A fault in what reads packets from the network would give the rights of root.",
        fix="Take `user root` out of chrony.conf, and `-u root` out of its options.",
        rule=chrony.user,
        parameters={"accepted": ("_chrony", "chrony")},
    ),
    Check(
        id="chrony_on",
        title="chrony is enabled and active",
        why=_WHY,
        fix="Run `systemctl unmask chrony.service` and `systemctl enable --now chrony.service`.",
        rule=lambda: any_of(unit.on("chrony.service"), unit.on("chronyd.service")),
    ),
)
