"""What selected customers have in common against the rest: medians, effect sizes, money, one sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.errors import SelectionError
from payseg_widgets.features.measure import Measure

#: Effects below each bound are called so; from the last on, large.
SIZES = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"))
#: Fewer customers on either side say little.
FEW = 5
_CONFIDENCE = 0.95
_MOST_SAID = 3
#: What is summed of the selected customers, and the column it stands in.
MONEY = {"invoiced": "total_invoiced", "outstanding": "outstanding", "overdue": "overdue"}
#: What is plainly said of the difference of medians, where it is more and where it is less.
_PLAIN = {
    "mean_days_late": ("pay {} days later than", "pay {} days earlier than"),
    "weighted_days_late": ("pay {} days later, weighted by money, than", "pay {} days earlier, weighted by money, than"),
    "mean_days_to_pay": ("take {} days longer to pay than", "take {} days less to pay than"),
}  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """Cliff's delta of two groups with its 95 % interval; NaN where it cannot be told."""

    delta: float
    conf_low: float
    conf_high: float


def cliffs_delta(first: np.ndarray, second: np.ndarray) -> Effect:
    """Return how much more often a value of ``first`` is above one of ``second`` than below.

    Parameters
    ----------
    first, second : numpy.ndarray of float64
        Values without missing ones.

    Returns
    -------
    Effect
        Delta from -1 (all below) to 1 (all above), with the interval of Feng and Cliff, which is not symmetric: it stays
        within -1 and 1. NaN without values; the interval also with a single value on a side.

    References
    ----------
    Cliff, N. (1996). Ordinal Methods for Behavioral Data Analysis. Erlbaum.
    Feng, D. and Cliff, N. (2004). Monte Carlo evaluation of ordinal d with improved confidence interval. Journal of
    Modern Applied Statistical Methods 3(2), 322-332.

    Examples
    --------
    >>> cliffs_delta(np.array([1.0, 2, 3]), np.array([0.0, 0, 2])).delta.__round__(3)
    0.667
    """
    return _effect(np.sort(first), np.sort(second))


def _effect(first: np.ndarray, second: np.ndarray) -> Effect:
    """Do so for sorted values."""
    n, m = len(first), len(second)
    if not n or not m:
        return Effect(np.nan, np.nan, np.nan)
    below, up_to = np.searchsorted(second, first, "left"), np.searchsorted(second, first, "right")
    rows = (below + up_to - m) / m  # of each value of first: the share of second below it less that above it
    delta = float(rows.mean())
    if min(n, m) < 2:
        return Effect(delta, np.nan, np.nan)
    columns = (n - np.searchsorted(first, second, "left") - np.searchsorted(first, second, "right")) / n
    ties = float((up_to - below).sum())
    variance = (
        m**2 * np.square(rows - delta).sum()
        + n**2 * np.square(columns - delta).sum()
        - (n * m - ties - n * m * delta**2)
    ) / (n * m * (n - 1.0) * (m - 1.0))
    variance = max(float(variance), (1 - delta**2) / (n * m - 1))
    return Effect(delta, *_interval(delta, variance, n, m))


def _interval(delta: float, variance: float, n: int, m: int) -> tuple[float, float]:
    z = float(stats.t.ppf((1 + _CONFIDENCE) / 2, n + m - 2))
    if abs(delta) == 1:  # no overlap: the variance is 0, and the smaller group bounds what can be said
        bound = (min(n, m) - z**2) / (min(n, m) + z**2)
        return (bound, 1.0) if delta > 0 else (-1.0, -bound)
    middle = delta - delta**3
    reach = z * np.sqrt(variance * ((1 - delta**2) ** 2 + z**2 * variance))
    scale = 1 - delta**2 + z**2 * variance
    return float((middle - reach) / scale), float((middle + reach) / scale)


def size_of(effect: float) -> str:
    """Return the word for an effect: negligible, small, medium or large; nothing where there is none.

    References
    ----------
    Romano, J., Kromrey, J. D., Coraggio, J. and Skowronek, J. (2006). Appropriate statistics for ordinal level data.
    Florida Association of Institutional Research.
    """
    if np.isnan(effect):
        return ""
    return next((word for bound, word in SIZES if abs(effect) < bound), "large")


def describe_selection(
    table: pd.DataFrame, is_selected: pd.Series | np.ndarray, measures: Sequence[Measure]
) -> pd.DataFrame:
    """Compare the selected customers with the rest, measure by measure.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each customer; needs the columns of ``measures``.
    is_selected : pandas.Series or numpy.ndarray of bool
        As `Selection.apply` gives it.
    measures : sequence of Measure

    Returns
    -------
    pandas.DataFrame
        Index: the measures' names, the greatest effect first, those without one last. Columns ``label``, ``unit``,
        ``median_selected``, ``median_rest``, ``effect`` (Cliff's delta; positive: the selected lie higher), ``conf_low`` and
        ``conf_high`` (95 %, each measure for itself), ``size`` (a word), ``n_selected`` and ``n_rest`` (without
        missing values, which are left out).

    Raises
    ------
    SelectionError
        If ``is_selected`` does not fit the table, or a measure's column is not there.
    """
    chosen = selected_rows(table, is_selected)
    absent = [measure.name for measure in measures if measure.name not in table.columns]
    if absent:
        raise SelectionError(f"the table has no column for {', '.join(absent)}; leave these measures out.")
    rows = []
    for measure in measures:
        values = table[measure.name].to_numpy(dtype=np.float64, na_value=np.nan)
        known = ~np.isnan(values)
        mine, others = np.sort(values[known & chosen]), np.sort(values[known & ~chosen])
        effect = _effect(mine, others)
        rows.append(
            (measure.label, measure.unit, _median(mine), _median(others), effect.delta, effect.conf_low,
             effect.conf_high, size_of(effect.delta), len(mine), len(others))
        )  # fmt: skip
    columns = ["label", "unit", "median_selected", "median_rest", "effect", "conf_low", "conf_high", "size",
               "n_selected", "n_rest"]  # fmt: skip
    index = pd.Index([measure.name for measure in measures], name="measure", dtype="str")
    described = pd.DataFrame(rows, index=index, columns=columns)
    order = np.argsort(-described["effect"].abs().fillna(-1).to_numpy(dtype=float), kind="stable")
    return described.iloc[order]


def compare_selections(
    table: pd.DataFrame,
    first: pd.Series | np.ndarray,
    second: pd.Series | np.ndarray,
    measures: Sequence[Measure],
) -> pd.DataFrame:
    """Compare two selections with each other; whoever is in both counts on both sides.

    Returns
    -------
    pandas.DataFrame
        As `describe_selection`, with ``median_first`` and ``median_second`` (positive effect: the first lies higher),
        and no interval, since the two are not independent where they overlap; ``attrs`` holds ``n_first``, ``n_second`` and
        ``n_both``.

    Raises
    ------
    SelectionError
        If a selection does not fit the table.
    """
    one, other = selected_rows(table, first), selected_rows(table, second)
    stacked = pd.concat([table[one], table[other]], ignore_index=True)
    is_first = np.arange(len(stacked)) < one.sum()
    compared = describe_selection(stacked, is_first, measures).rename(
        columns={
            "median_selected": "median_first",
            "median_rest": "median_second",
            "n_selected": "n_first",
            "n_rest": "n_second",
        }
    )
    compared = compared.drop(columns=["conf_low", "conf_high"])
    compared.attrs = {
        "n_first": int(one.sum()),
        "n_second": int(other.sum()),
        "n_both": int((one & other).sum()),
    }
    return compared


def selection_money(table: pd.DataFrame, is_selected: pd.Series | np.ndarray) -> pd.DataFrame:
    """Sum the money of the selected customers.

    Returns
    -------
    pandas.DataFrame
        Index ``invoiced``, ``outstanding``, ``overdue``, those of which the table has the column; ``selected`` and
        ``total`` in units of the currency, ``share`` of the total (NaN where that is 0). Missing money counts as none.
    """
    chosen = selected_rows(table, is_selected)
    sums = {
        kind: (float(table.loc[chosen, column].sum()), float(table[column].sum()))
        for kind, column in MONEY.items()
        if column in table.columns
    }
    money = pd.DataFrame.from_dict(sums, orient="index", columns=["selected", "total"], dtype="float64")
    return money.assign(share=money["selected"] / money["total"].where(money["total"] != 0))


def selection_sentence(
    described: pd.DataFrame, is_selected: pd.Series | np.ndarray, *, made_on: Collection[str] = ()
) -> str:
    """Say in a sentence or two what sets the selected customers apart.

    Parameters
    ----------
    described : pandas.DataFrame
        From `describe_selection`.
    is_selected : pandas.Series or numpy.ndarray of bool
    made_on : collection of str
        Columns the selection was made on (`Selection.columns`): that late payers are late is no finding, so a measure
        among them is named only as circular.

    Returns
    -------
    str
        The largest differences that are at least small and whose interval leaves out 0; a warning where fewer
        than 5 customers stand on either side.
    """
    chosen = np.asarray(is_selected, dtype=bool)
    n, rest = int(chosen.sum()), int((~chosen).sum())
    if not n or not rest:
        who = "No customer is" if not n else f"All {n:,} customers are"
        return f"{who} selected: there is nothing to compare."
    sure = described[(described["conf_low"] > 0) | (described["conf_high"] < 0)]
    told = sure[(sure["size"] != "negligible") & ~sure.index.isin(made_on)].head(_MOST_SAID)
    who = f"The {n:,} selected customers" if n > 1 else "The selected customer"
    said = "; ".join(_difference(str(name), row) for name, row in told.iterrows())
    circular = [str(label) for label in described.loc[described.index.isin(made_on), "label"]]
    nothing = f"differ{'' if n > 1 else 's'} clearly from the rest in nothing{' else' if circular else ''}"
    sentences = [f"{who} {said or nothing}."]
    if circular:
        sentences.append(
            f"Circular: they were selected by {_in_a_row(circular)}, so that a difference there is no finding."
        )
    if min(n, rest) < FEW:
        few = f"only {n} selected" if n < FEW else f"only {rest} not selected"
        sentences.append(f"Caution: {few}, too few to tell.")
    return " ".join(sentences)


def _difference(name: str, row: pd.Series) -> str:
    mine, others, size = float(row["median_selected"]), float(row["median_rest"]), f"({row['size']})"
    more, less = _PLAIN.get(name, ("", ""))
    apart = f"{abs(mine - others):,.0f}"
    if more and apart != "0" and (mine > others) == (row["effect"] > 0):
        return f"{(more if mine > others else less).format(apart)} the rest {size}"
    direction = "higher" if row["effect"] > 0 else "lower"
    label, unit = str(row["label"]), str(row["unit"])
    return (
        f"lie {direction} in “{label}”: median {_amount(mine, unit)} against {_amount(others, unit)} {size}"
    )


def _amount(value: float, unit: str) -> str:
    if unit == "ratio":
        return f"{value:.0%}"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    return f"{text} days" if unit == "days" else text


def _in_a_row(words: Sequence[str]) -> str:
    listed = [f"“{word}”" for word in words]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


def _median(ordered: np.ndarray) -> float:
    n = len(ordered)
    return float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2) if n else float("nan")


def selected_rows(table: pd.DataFrame, is_selected: pd.Series | np.ndarray) -> np.ndarray:
    """Return ``is_selected`` as an array, having made sure that it fits the table."""
    chosen = np.asarray(is_selected)
    if chosen.dtype != bool or chosen.shape != (len(table),):
        raise SelectionError(
            f"is_selected is {chosen.dtype} of shape {chosen.shape} for {len(table)} customers: "
            "give one True or False for each, as selection.apply(table) does."
        )
    if isinstance(is_selected, pd.Series) and not is_selected.index.equals(table.index):
        raise SelectionError(
            "is_selected has other rows than the table, or another order: apply the selection to it."
        )
    return chosen
