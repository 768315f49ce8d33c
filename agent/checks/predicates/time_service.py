"""Judgements about services that set the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.predicates.unit import exactly_one
from agent.checks.sources import key_values

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_SERVICES = {
    "chrony": ("chrony.service", "chronyd.service"),
    "systemd-timesyncd": ("systemd-timesyncd.service",),
    "ntp": ("ntp.service", "ntpd.service", "ntpsec.service"),
}
_TIMESYNCD = "/etc/systemd/timesyncd.conf"


class Servers(NamedTuple):
    """Servers that systemd-timesyncd is told to ask.

    known: Names or addresses of which each has to be one; none for any.
    """

    known: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome of NTP and FallbackNTP (timesyncd.conf(5))."""
        set_to = [
            each
            for key in ("NTP", "FallbackNTP")
            if (each := system.get(key_values.effective, _TIMESYNCD, "Time", key)) is not None
        ]
        named = [name for each in set_to for name in each.value.split()]
        strange = [name for name in named if self.known and name not in self.known]
        expected = (
            f"NTP or FallbackNTP of systemd-timesyncd {'is ' + ', '.join(self.known) if self.known else 'is set'}"
        )
        where = tuple(each.where for each in set_to) or (_TIMESYNCD,)
        return judged(bool(named) and not strange, expected, ", ".join(strange or named) or "not set", where)


def single(accepted: tuple[str, ...]) -> Rule:
    """Hold where exactly one service sets the clock, and it is one of some."""
    return exactly_one(_SERVICES, accepted)


def servers(known: tuple[str, ...] = ()) -> Rule:
    """Hold where systemd-timesyncd has servers; where some are known, none but those."""
    return Servers(known)
