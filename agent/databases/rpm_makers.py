"""Whether the distribution built a package: told from its vendor and from the key that signed it.

The vendors are those of the distributions' own packages; the keys those that they publish, as Uyuni, leapp and
the projects' own pages list them. A key tells more than a vendor, which anybody may claim.
"""

from __future__ import annotations

from typing import NamedTuple

DISTRIBUTION = "distribution"
THIRD_PARTY = "third_party"


class _Maker(NamedTuple):
    """Who makes a distribution.

    vendors: What its packages name as their vendor, in lower case.
    keys: Ids of the keys that sign them.
    """

    vendors: frozenset[str]
    keys: frozenset[str]


def _maker(vendors: tuple[str, ...], keys: str) -> _Maker:
    return _Maker(frozenset(vendors), frozenset(keys.split()))


_RED_HAT = _maker(
    ("red hat, inc.",),
    "199e2f91fd431d51 5054e4a45a6340b3 5326810137017186 45689c882fa658e0 219180cddb42a60e 938a80caf21541eb fd372689897da07a",
)
_CENTOS = _maker(
    ("centos",), "05b555b38483c65d 24c6a8a7f4a80eb5 0946fca2c105b9de a8a447dce8562897 4eb84e71f2ee9d55 6c7cb6ef305d49d6"
)
_FEDORA = _maker(("fedora project",), "")
_ALMA = _maker(("almalinux",), "d36cb86cb86b3716 51d6647ec21ad6ea 2ae81e8aced7258b 488fcf7c3abb34f8")
_ROCKY = _maker(("rocky", "rocky enterprise software foundation"), "15af5dac6d745a60 702d426d350d275d 5b106c736fedfc85")
_ORACLE = _maker(
    ("oracle america",),
    "bc4d06a08d8b756f 82562ea9ad986da3 72f97b74ec551f03 a7dd07088b4efbe6 66ced3de1e5e0159 2e2bcdbcb38a8516",
)
_AMAZON = _maker(("amazon linux", "amazon.com"), "e951904ad832c631 11cf1f95c87f5b1a")
_SUSE = _maker(
    ("suse llc <https://www.suse.com/>", "suse linux products gmbh, nuernberg, germany"),
    "70af9e8139db7c82 f74f09bc3fa1d6ce e3a5c360307e3d54 a84edae89c800aca 5eaf444450a3dd1c 8efe1bc4d4ade9c3",
)
_OPENSUSE = _maker(
    ("opensuse", *_SUSE.vendors),
    f"35a2f86e29b700a4 8a49eb0325db7ae0 b88b2fd43dbdc284 9c214d4065176565 3c90731ed78c6b69 {' '.join(_SUSE.keys)}",
)
"""Leap is built of packages of SUSE."""
_MICROSOFT = _maker((), "0cd9fed33135ce90")
"""Its vendor is that of Microsoft's other packages as well."""
_PHOTON = _maker(("vmware, inc.", "broadcom, inc."), "")

_MAKERS = {
    "rhel": _RED_HAT,
    "centos": _CENTOS,
    "fedora": _FEDORA,
    "almalinux": _ALMA,
    "rocky": _ROCKY,
    "ol": _ORACLE,
    "amzn": _AMAZON,
    "sles": _SUSE,
    "sled": _SUSE,
    "sles_sap": _SUSE,
    "sle-micro": _SUSE,
    "sl-micro": _SUSE,
    "opensuse": _OPENSUSE,
    "opensuse-leap": _OPENSUSE,
    "opensuse-tumbleweed": _OPENSUSE,
    "opensuse-microos": _OPENSUSE,
    "azurelinux": _MICROSOFT,
    "mariner": _MICROSOFT,
    "photon": _PHOTON,
}
"""By ID of os-release."""


def provenance(distribution: str | None, vendor: str | None, key: str | None) -> str | None:
    """Tell who built a package of a distribution's host: DISTRIBUTION or THIRD_PARTY.

    None where the distribution is not known here, and where the package names its vendor but nobody signed it.
    """
    maker = _MAKERS.get(distribution or "")
    if not maker or not (vendor or key):
        return None
    if key in maker.keys:
        return DISTRIBUTION
    if (vendor or "").lower() in maker.vendors:
        return DISTRIBUTION if key else None
    return THIRD_PARTY
