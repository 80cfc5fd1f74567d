"""Which of the twelve UK regions a postcode lies in, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from payseg_widgets.enrichment.facts.areas import AREA_REGION, DISTRICT_REGION, REGION_CODES, STRADDLING
from payseg_widgets.enrichment.postcode import Postcode, find_postcode

#: The twelve ITL1 regions, as the ledger and the Office for National Statistics name them.
REGIONS = tuple(sorted(REGION_CODES))
CROWN, FOREIGN, UNKNOWN, NOWHERE = "Crown Dependencies", "foreign", "unknown", "non-geographic"
#: Every class a customer's region can be: the twelve, and what lies outside them.
REGION_CLASSES = (*REGIONS, CROWN, FOREIGN, NOWHERE, UNKNOWN)


@dataclass(frozen=True)
class RegionOf:
    """The region of a postcode.

    Attributes
    ----------
    region : str
        One of ``REGION_CLASSES``. BFPO and addresses of services are ``"non-geographic"``, overseas territories
        ``"foreign"``.
    share : float
        Share of the district that lies in the region: 1.0 where no border cuts it, 0.0 where the region is unknown.
    others : tuple of str
        The regions of the rest, the larger part first.
    basis : str
        What decided: ``"area"``, ``"district"``, ``"ONS Postcode Directory"``, ``"kind"`` or ``""``.
    """

    region: str
    share: float = 1.0
    others: tuple[str, ...] = ()
    basis: str = ""

    @property
    def straddles(self) -> bool:
        """Whether the postcode's district lies in several regions."""
        return bool(self.others)

    @property
    def itl1(self) -> str:
        """ITL1 code, ``"TLC"`` to ``"TLN"``; empty outside the twelve regions."""
        return REGION_CODES.get(self.region, ("", ""))[0]


def region_of(postcode: Postcode | str | None) -> RegionOf:
    """Return the region of a postcode from its area and district.

    Parameters
    ----------
    postcode : Postcode, str or None
        Text is read by `find_postcode`. A district suffices.

    Returns
    -------
    RegionOf
        ``region="unknown"`` with ``share=0`` where there is no postcode.

    References
    ----------
    Office for National Statistics, ITL1 regions; Royal Mail postcode areas (`payseg_widgets.enrichment.facts.areas`).

    Examples
    --------
    >>> region_of("KT1 1AA")
    RegionOf(region='London', share=1.0, others=(), basis='district')
    >>> region_of("SY13").others
    ('North West', 'Wales')
    """
    code = find_postcode(postcode) if not isinstance(postcode, Postcode) else postcode
    if code is None:
        return RegionOf(UNKNOWN, 0.0)
    if code.kind in ("BFPO", "non-geographic"):
        return RegionOf(NOWHERE, basis="kind")
    if code.kind == "overseas territory":
        return RegionOf(FOREIGN, basis="kind")
    region = DISTRICT_REGION.get(code.district)
    percent, others = STRADDLING.get(code.district, (100, ()))
    basis = "district" if region or others else "area"
    return RegionOf(region or AREA_REGION[code.area], percent / 100, others, basis)
