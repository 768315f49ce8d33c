"""From controls of NIST SP 800-53 to the common criteria of SOC 2 (TSP section 100) that they serve.

The criteria are the AICPA's; which families serve which follows its published comparison of the two.
"""

from __future__ import annotations

_BY_CONTROL = {
    "AC-2": ("CC6.1", "CC6.2", "CC6.3"),
    "AC-3": ("CC6.1", "CC6.3"),
    "AC-5": ("CC6.3",),
    "AC-6": ("CC6.3",),
    "AC-7": ("CC6.1",),
    "AC-8": ("CC6.1",),
    "AC-11": ("CC6.1",),
    "AC-12": ("CC6.1",),
    "AC-17": ("CC6.6",),
    "AC-18": ("CC6.6",),
    "AC-19": ("CC6.7",),
    "CM-1": ("CC5.3", "CC7.1"),
    "CM-2": ("CC7.1", "CC8.1"),
    "CM-3": ("CC8.1",),
    "CM-6": ("CC6.8", "CC7.1"),
    "CM-7": ("CC6.8", "CC7.1"),
    "CM-8": ("CC6.1", "CC7.1"),
    "CM-11": ("CC6.8",),
    "MP-5": ("CC6.7",),
    "MP-7": ("CC6.7",),
    "SC-5": ("CC7.2",),
    "SC-7": ("CC6.6",),
    "SC-8": ("CC6.7",),
    "SC-12": ("CC6.1",),
    "SC-13": ("CC6.1", "CC6.7"),
    "SC-28": ("CC6.1",),
    "SI-2": ("CC7.1",),
    "SI-3": ("CC6.8",),
    "SI-4": ("CC7.2",),
    "SI-7": ("CC6.8", "CC7.1"),
}
_BY_FAMILY = {
    "AC": ("CC6.1",),
    "AU": ("CC7.2",),
    "CA": ("CC4.1", "CC7.1"),
    "CM": ("CC7.1", "CC8.1"),
    "IA": ("CC6.1",),
    "MP": ("CC6.7",),
    "SC": ("CC6.6",),
    "SI": ("CC7.1",),
}


def soc_2(controls: tuple[str, ...]) -> tuple[str, ...]:
    """Give the common criteria that controls serve, each once, in order; none for controls of other families."""
    found = {criterion for control in controls for criterion in _criteria(control.partition("(")[0])}
    return tuple(sorted(found))


def _criteria(control: str) -> tuple[str, ...]:
    return _BY_CONTROL.get(control) or _BY_FAMILY.get(control.partition("-")[0], ())
