"""What region and sector have to do with payment, as tables for the page and the workbook."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from payseg_widgets.effects.groups import GroupEffects
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.enrichment.enrichment import OFFICE_CAUTION
from payseg_widgets.enrichment.fields import REGISTERED_OFFICE
from payseg_widgets.report.page_table import Table
from payseg_widgets.report.text import figure

_PAIRS = (
    "by", "outcome", "higher", "lower", "difference", "interval", "raw", "customers", "without the customer that moves it most",
)  # fmt: skip
#: Differences of each comparison shown on the page; the workbook has all pairs.
MOST_PAIRS = 10


def group_tables(groups: GroupEffects) -> Mapping[str, Table]:
    """Return the tables of the section by the name its template calls them; those that are empty are left out.

    Parameters
    ----------
    groups : GroupEffects
    """
    known = [
        (row["by"], row["basis"].replace("_", " "), f"{row['n_customers']:,}", figure(row["share"], "ratio"))
        for row in groups.coverage.to_dict("records")
    ]
    pairs = [row for report in groups.effects.values() for row in _pairs(report)]
    tables = {
        "known": Table(("what", "on whose word", "customers", "share"), known),
        "pairs": Table(_PAIRS, pairs),
    }  # fmt: skip
    return {name: table for name, table in tables.items() if table.rows}


def office_caution(groups: GroupEffects) -> str:
    """Say what a region is where it is that of a registered office; empty where none is."""
    return OFFICE_CAUTION if (groups.coverage["basis"] == REGISTERED_OFFICE).any() else ""


def _pairs(report: EffectReport) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for _, row in report.shown.head(MOST_PAIRS).iterrows():
        higher, lower = (
            (row["first"], row["second"]) if row["estimate"] > 0 else (row["second"], row["first"])
        )
        turned = report.contrast(higher, lower)
        rows.append(
            (report.by, report.label, higher, lower, report.written(turned["estimate"]),
             f"{report.written(turned['conf_low'])} to {report.written(turned['conf_high'])}", report.written(turned["raw"]),
             f"{turned['n_customers']:,}", report.written(turned["without_strongest"]))
        )  # fmt: skip
    return rows


def group_sheets(groups: GroupEffects) -> Mapping[str, pd.DataFrame]:
    """Return the sheets by name: every group and every pair of each comparison, logs as ratios; none without a comparison.

    Parameters
    ----------
    groups : GroupEffects
    """
    if not groups.effects:
        return {}
    sheets = {"Groups": _in_words(groups.groups), "Group differences": _in_words(groups.contrasts)}
    if groups.clusters is not None:
        sheets["Groups and segments"] = groups.clusters.association.reset_index()
    return sheets


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return spreads as days, and their differences as ratios: powers of the logs they are held as."""
    logs = table["unit"] == "log"
    held = [name for name in _HELD_AS_LOGS if name in table]
    values = {name: table[name].where(~logs, np.exp(table[name].where(logs))) for name in held}
    unit = "days" if "group" in table else "times"
    table = table.drop(columns=[name for name in _ERRORS if name in table])
    return table.assign(**values, unit=table["unit"].where(~logs, unit))


_HELD_AS_LOGS = (
    "estimate", "conf_low", "conf_high", "pooled", "raw", "raw_low", "raw_high", "detectable", "without_strongest",
)  # fmt: skip
#: Of logs, and nothing that a power of would mean anything; and of a pair by itself, where all pairs are looked at.
_ERRORS = ("error", "robust_error", "p_alone")
