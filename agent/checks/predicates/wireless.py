"""Judgements about wireless network devices, which the kernel shows in sysfs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import PASS, Outcome
from agent.checks.predicates import kernel_module
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Off(NamedTuple):
    """Wireless devices of which there are none, or of which the drivers are blocked."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; nothing that is configured makes a device, so that an image has none."""
        expected = "no wireless device, or its drivers blocked"
        if not system.runs:
            return Outcome(PASS, expected, "no devices are known", (), ("network devices",))
        devices = [path.rpartition("/")[0] for path in system.root.glob("/sys/class/net/*/wireless")]
        if not devices:
            return Outcome(PASS, expected, "none", ("/sys/class/net",))
        drivers = sorted({_driver(system, device) for device in devices})
        return all_of(*map(kernel_module.blocked, drivers)).judge(system)


def off() -> Rule:
    """Hold where no wireless device can be used."""
    return Off()


def _driver(system: System, device: str) -> str:
    """Give the module of a device's driver."""
    return system.root.link(f"{device}/device/driver/module").rpartition("/")[2]
