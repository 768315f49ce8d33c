"""Whose repositories and packages are a distribution's own, by what the field Origin or Vendor names."""

from __future__ import annotations

DISTRIBUTION = "distribution"
THIRD_PARTY = "third_party"

_MAKERS = {
    "debian": frozenset(("debian", "debian backports", "debian ports")),
    "raspbian": frozenset(("raspbian", "raspberry pi foundation")),
    "ubuntu": frozenset(
        (
            *("ubuntu", "ubuntuesm", "ubuntuesmapps", "ubunturos", "ubunturosupdates", "ubunturealtimekernel"),
            *("ubuntucc", "ubuntucis", "ubuntufips", "ubuntufipsupdates", "ubuntufipspreview"),
        )
    ),
}
"""Origins of a distribution's repositories beside its ID, in lower case; Ubuntu's as in ubuntu-pro-client's entitlements."""

_BUILT_ON = {
    "elementary": ("ubuntu",),
    "linuxmint": ("ubuntu", "debian"),
    "neon": ("ubuntu",),
    "pop": ("ubuntu",),
    "tuxedo": ("ubuntu",),
    "zorin": ("ubuntu",),
}
"""Distributions that install another's packages as they are, from its own archive. ID_LIKE says less: Ubuntu is like
Debian, but what Debian built is foreign to it."""

_ESM = frozenset(("ubuntuesm", "ubuntuesmapps"))


def provenance(maker: str | None, distribution: str | None) -> str | None:
    """Tell who a maker is to a distribution; None where either is not known.

    maker: As a field Origin or Vendor names it.
    distribution: ID of os-release.
    """
    if not maker or not distribution:
        return None
    return DISTRIBUTION if maker.lower() in _own(distribution) else THIRD_PARTY


def channel(maker: str | None, suite: str | None) -> str | None:
    """Name the part of its distribution that a repository is, where that is not the main one."""
    name = (maker or "").lower()
    if name in _ESM:
        return "esm"
    if name == "debian backports" or (suite or "").endswith(("-backports", "-backports-sloppy")):
        return "backports"
    return None


def _own(distribution: str) -> frozenset[str]:
    names = (distribution, *_BUILT_ON.get(distribution, ()))
    return frozenset(names).union(*(_MAKERS.get(name, ()) for name in names))
