"""A panel and the decisions made in it, as Python that repeats them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.fields import REGISTERED_OFFICE
from payseg_widgets.enrichment.journal import ACCEPTED, SKIPPED


def panel_code(source: Any, journal: Any, region_from: str, decided: pd.DataFrame | None) -> str:
    """Return the code, given ``customers`` and, where these are no paths, ``source`` and ``journal``.

    Parameters
    ----------
    source, journal : path, object or None
    region_from : str
    decided : pandas.DataFrame, optional
        `Review.decisions_table` with names, for decisions that no journal keeps.
    """
    options = [] if source is None else [_in_code(source, "source")]
    if journal is not None:
        options.append(f"journal={_in_code(journal, 'journal')}")
    if region_from != REGISTERED_OFFICE:
        options.append(f"region_from={region_from!r}")
    return "\n".join([
        "from payseg_widgets import EnrichmentPanel\n",
        f"panel = EnrichmentPanel({', '.join(['customers', *options])})",
        *(["panel.start()", "panel.wait()"] if source is not None else []),
        *([] if decided is None else map(_decision, decided["customer_id"], decided["choice"], decided["company_number"])),
        "enrichment = panel.enrichment",
    ])  # fmt: skip


def _in_code(given: Any, name: str) -> str:
    return repr(str(given)) if isinstance(given, str | Path) else name


def _decision(customer_id: str, choice: str, number: str) -> str:
    if choice == ACCEPTED:
        return f"panel.accept({customer_id!r}, {number!r})"
    return (
        f"panel.skip({customer_id!r})" if choice == SKIPPED else f"panel.refuse({customer_id!r}, {choice!r})"
    )
