"""Say in plain sentences what was decided about the data before customers were grouped."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.segmentation.transforms import MEANING, WINSOR, ZERO_SHARE, Column, Composition


def on_customers(status: pd.Series, min_invoices: int) -> list[str]:
    """Say who was left out, and why."""
    left_out = int((status != "").sum())
    if not left_out:
        return []
    few = int(status.str.contains("needed").sum())
    said = f"{few:,} have fewer than {min_invoices} invoices" if few else ""
    gaps = left_out - few
    more = f"{gaps:,} lack more than half of the features" if gaps else ""
    return [
        f"{left_out:,} of {len(status):,} customers were left out of the segments (label -1): "
        f"{' and '.join(filter(None, (said, more)))}."
    ]


def on_parts(parts: tuple[Column | Composition, ...], constant: list[str]) -> list[str]:
    """Say how each feature was transformed and scaled."""
    forms = {
        meaning: [part.name for part in parts if isinstance(part, Column) and part.form == form]
        for form, meaning in MEANING.items()
    }
    notes = [f"{_listed(names)}: {meaning}." for meaning, names in forms.items() if names]
    notes += [
        f"{part.family} ({', '.join(part.names)}) is a composition: isometric log-ratios, shares below "
        f"{ZERO_SHARE:.0%} taken as {ZERO_SHARE:.0%}, all together weighing as much as one feature."
        for part in parts
        if isinstance(part, Composition)
    ]
    notes.append(
        "Every column was centred at its median and divided by its robust spread (IQR / 1.349, at least half "
        f"the standard deviation); values beyond {WINSOR:.0f} such spreads were pulled in."
    )
    if constant:
        notes.append(f"{_listed(constant)} left out: the same for every customer.")
    return notes


def on_shrinkage(parts: tuple[Column | Composition, ...], unrepeated: list[str]) -> list[str]:
    """Say how far few observations were pulled in, and what does not repeat."""
    pulled = {
        part.name: part.half_count for part in parts if isinstance(part, Column) and part.half_count > 0
    }
    notes = []
    if pulled:
        named = ", ".join(f"{name} {half:.0f}" for name, half in pulled.items())
        notes.append(
            "Values resting on few observations were pulled towards the portfolio's median, so that chance "
            f"makes no extremes; a value counts half at this many observations: {named}."
        )
    if unrepeated:
        notes.append(
            f"{_listed(unrepeated)} left out: two halves of the same customer's invoices do not agree on it."
        )
    return notes


def on_gaps(table: pd.DataFrame) -> list[str]:
    """Say how missing values were filled."""
    missing = table.isna()
    if not missing.to_numpy().any():
        return []
    most = missing.mean().sort_values(ascending=False)
    named = ", ".join(f"{name} {share:.0%}" for name, share in most[most > 0].head(4).items())
    return [
        f"{int(missing.any(axis=1).sum()):,} customers had gaps ({named}); each was filled with what the "
        "customer's other features predict by linear regression (the portfolio's median where none is known)."
    ]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
