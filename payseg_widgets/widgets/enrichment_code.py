"""A panel and the decisions made in it, as Python that repeats them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.enrich import MAX_AGE_DAYS
from payseg_widgets.enrichment.fields import REGISTERED_OFFICE
from payseg_widgets.enrichment.journal import ACCEPTED, SKIPPED

_DEFAULTS = {"region_from": REGISTERED_OFFICE, "max_age_days": MAX_AGE_DAYS}


def panel_code(given: Mapping[str, Any], decided: pd.DataFrame | None) -> str:
    """Return the code, given ``customers`` and whatever else of ``given`` is no plain value.

    Parameters
    ----------
    given : mapping of str to object
        Options of the panel; those at their defaults are not written out.
    decided : pandas.DataFrame, optional
        `Review.decisions_table` with names, for decisions that no journal keeps.
    """
    source = given["source"]
    options = [] if source is None else [_in_code(source, "source")]
    options += [
        f"{name}={_in_code(value, name)}"
        for name, value in given.items()
        if name != "source" and value != _DEFAULTS.get(name)
    ]
    return "\n".join([
        "from payseg_widgets import EnrichmentPanel\n",
        f"panel = EnrichmentPanel({', '.join(['customers', *options])})",
        *(["panel.start()", "panel.wait()"] if source is not None else []),
        *([] if decided is None else map(_decision, decided["customer_id"], decided["choice"], decided["company_number"])),
        "enrichment = panel.enrichment",
    ])  # fmt: skip


def _in_code(value: Any, name: str) -> str:
    """Return a plain value as it is, anything else by its name."""
    if isinstance(value, int | float):
        return repr(value)
    return repr(str(value)) if isinstance(value, str | Path) else name


def _decision(customer_id: str, choice: str, number: str) -> str:
    if choice == ACCEPTED:
        return f"panel.accept({customer_id!r}, {number!r})"
    return (
        f"panel.skip({customer_id!r})" if choice == SKIPPED else f"panel.refuse({customer_id!r}, {choice!r})"
    )
