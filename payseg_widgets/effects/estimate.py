"""Compare how groups of customers pay: by region, sector or any column, with the customer as the unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets import __version__
from payseg_widgets._cancel import CancelSignal, Steps
from payseg_widgets.effects.compared import (
    Compared,
    adjustments_of,
    columns_of,
    compared,
    measured_by,
    payments_of,
    wanted,
)
from payseg_widgets.effects.design import column_of, grouping
from payseg_widgets.effects.interaction import interaction_of
from payseg_widgets.effects.mixed import Fit, fit, weighted
from payseg_widgets.effects.outcomes import HORIZON_DAYS, OUTCOMES, mature
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.effects.simultaneous import all_pairs, at_other_df, critical_value, pooled, rank_intervals
from payseg_widgets.errors import EffectError
from payseg_widgets.features.groups import Groups
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger

if TYPE_CHECKING:
    from payseg_widgets.enrichment.enrichment import Enrichment

#: What it does, in this order, as ``progress`` hears it.
STEPS = (
    "reading the invoices",
    "measuring each customer",
    "fitting",
    "comparing all pairs",
    "looking at each year",
)
_POWER = 0.8
#: Least customers of a year for its own estimates.
_FEWEST_A_YEAR = 20


def estimate_effects(
    payments: Ledger | FeatureTable,
    customers: Enrichment | pd.DataFrame | None = None,
    by: str = "region",
    outcome: str = "days_late",
    *,
    adjust_for: Sequence[str] | None = None,
    interaction: str | None = None,
    only: pd.Series | Sequence[str] | None = None,
    horizon_days: int = HORIZON_DAYS,
    level: float = 0.95,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> EffectReport:
    """Compare groups of customers, each customer counting once, however many invoices it has.

    Parameters
    ----------
    payments : Ledger or FeatureTable
        A feature table must have its invoices.
    customers : Enrichment or pandas.DataFrame, optional
        Columns to group by and to adjust for, index ``customer_id`` or such a column. A column ``<name>_probability`` tells how
        sure the value is. The ledger's own columns where not given.
    by : str
        A column of ``customers``. Missing values are a group of their own, ``"unknown"``.
    outcome : str
        ``days_late``, ``late_ratio`` (invoices of a hundred that are paid late), ``spread`` (unpredictability: the standard
        deviation of a customer's delays), ``trend`` (days a year), or a feature of the table.
    adjust_for : sequence of str, optional
        Columns of ``customers``, ``"size"`` (log of the amount invoiced a year) or ``"terms"`` (days agreed). Region, sector,
        size and terms, as far as there are, where not given; ``()`` for none.
    interaction : str, optional
        A second column: whether the differences depend on it.
    only : pandas.Series of bool or sequence of str, optional
        Customers to be compared, as flags with index ``customer_id``, as a `Selection` applied to a table returns, or as ids.
        Where they were chosen by how they pay, differences between their groups say little of the groups at large.
    horizon_days : int
        Only invoices due longer ago are counted, and delays up to so many days: open invoices then leave nothing unknown.
    level : float
        Of intervals; they hold for all pairs of groups together.
    progress : callable, optional
        Called with the step about to begin, the number of steps done and their total.
    cancel : CancelSignal, optional
        Looked at between steps.

    Returns
    -------
    EffectReport

    Raises
    ------
    EffectError
        If the groups cannot be compared; the message says why.
    Cancelled
        If ``cancel`` was set.

    References
    ----------
    Gelbach (2016), Journal of Labor Economics 34, 509-543, for what each adjustment removes.
    """
    if not 0.5 <= level < 1:
        raise EffectError(f"level={level!r} is no level of confidence; give a share such as 0.95.")
    if horizon_days < 1:
        raise EffectError(
            f"horizon_days={horizon_days!r} must be 1 or more: delays are counted up to so many days."
        )
    step = Steps("estimate_effects()", STEPS, progress, cancel)
    step()
    invoices, features = payments_of(payments)
    table = columns_of(payments, customers, invoices)
    step()
    measured, what = measured_by(invoices, features, outcome, horizon_days)
    chosen = adjustments_of(table, by, adjust_for)
    asked = wanted(only, invoices.customer_ids)
    data, notes = compared(table, by, measured, chosen, invoices, what, asked)
    step()
    fitted = fit(data.measured, data.design)
    k = len(data.groups.names)
    raw = fitted if not data.adjustments else weighted(
        data.measured.value, data.raw, fitted.weights, tau2=fitted.tau2, sigma2=fitted.sigma2
    )  # fmt: skip
    step()
    contrasts, pairs = all_pairs(k, data.design.shape[1])
    judged = _judge(fitted, contrasts, level)
    of_raw = _judge(raw, contrasts[:, :k], level)
    groups = _group_table(data, fitted, raw, level)
    ranks = rank_intervals(fitted.coefficients[:k], judged["conf_low"], judged["conf_high"], pairs)
    groups["rank_low"], groups["rank_high"] = ranks.T
    step()
    met = None
    if interaction is not None:
        other = grouping(
            column_of(table, interaction, "interaction").loc[data.customer_ids], None, interaction
        )
        besides = [each for each in data.adjustments if each.name != interaction]
        met = interaction_of(data.measured, fitted.weights, data.groups, other, besides, interaction)
    return EffectReport(
        groups=groups, interaction=met,
        contrasts=_contrast_table(data, pairs, contrasts, fitted, judged, of_raw),
        removed=_removed(data, fitted, pairs),
        years=_by_year(invoices, data, outcome, horizon_days) if outcome in OUTCOMES else pd.DataFrame(),
        dominating=_dominating(data, raw), customers=_customers(data),
        by=by, outcome=what.name, label=what.label, unit=what.unit,
        adjusted_for=tuple(each.name for each in data.adjustments),
        level=level, notes=notes,
        provenance={"as_of": str(np.datetime64(invoices.as_of, "D")), "horizon_days": horizon_days, "version": __version__},
    )  # fmt: skip


def _customers(data: Compared) -> pd.DataFrame:
    names = np.array(data.groups.names, dtype=object)
    columns = {
        "group": names[data.groups.code],
        "value": data.measured.value,
        "n_invoices": data.measured.n.astype(np.int64),
    }
    return pd.DataFrame(columns, index=pd.Index(data.customer_ids, name="customer_id"))


def _judge(fitted: Fit, contrasts: np.ndarray, level: float) -> dict[str, np.ndarray]:
    """Return estimates with intervals that hold together: the wider of the model's and the robust one."""
    estimate = contrasts @ fitted.coefficients
    model, robust = (
        np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", contrasts, c, contrasts), 0))
        for c in (fitted.covariance, fitted.robust)
    )
    critical = critical_value(contrasts, fitted.covariance, fitted.df, level=level)
    df = fitted.satterthwaite(contrasts)
    half_robust = np.where(df >= 4, at_other_df(critical, fitted.df, df) * robust, 0.0)
    half = np.maximum(critical * model, half_robust)
    error = np.maximum(model, np.where(df >= 4, robust, 0.0))
    alone = 2 * stats.t.sf(
        np.abs(estimate) / np.maximum(error, 1e-300), np.where(half_robust > critical * model, df, fitted.df)
    )
    return {
        "estimate": estimate, "conf_low": estimate - half, "conf_high": estimate + half, "error": error, "robust_error": robust,
        "p_alone": alone, "detectable": half + stats.t.ppf(_POWER, fitted.df) * error,
    }  # fmt: skip


def _group_table(data: Compared, fitted: Fit, raw: Fit, level: float) -> pd.DataFrame:
    """Return the mean of each group with an interval of its own, adjusted to the average customer, and raw."""
    k = len(data.groups.names)
    each = np.eye(k, data.design.shape[1])
    mean = fitted.coefficients[:k]
    error = np.sqrt(np.maximum(np.diag(fitted.covariance)[:k], np.diag(fitted.robust)[:k]))
    half = (
        stats.t.ppf((1 + level) / 2, np.where(data.groups.sizes > 1, fitted.satterthwaite(each), fitted.df))
        * error
    )
    n = Groups(np.concatenate(([0], np.cumsum(data.groups.sizes))))
    order = np.argsort(data.groups.code, kind="stable")
    return pd.DataFrame(
        {
            "group": data.groups.names, "estimate": mean, "conf_low": mean - half, "conf_high": mean + half,
            "pooled": pooled(mean, error), "raw": raw.coefficients[:k],
            "n_customers": data.groups.sizes, "n_invoices": n.sum(data.measured.n[order].astype(np.int64)),
        }
    )  # fmt: skip


def _contrast_table(
    data: Compared, pairs: list[tuple[int, int]], contrasts: np.ndarray, fitted: Fit, judged: dict[str, np.ndarray],
    of_raw: dict[str, np.ndarray],
) -> pd.DataFrame:  # fmt: skip
    names, sizes = np.array(data.groups.names, dtype=object), data.groups.sizes
    first, second = (np.array([pair[k] for pair in pairs]) for k in (0, 1))
    pulls = fitted.pulls(contrasts)
    strongest = np.abs(pulls).argmax(axis=1)
    pull = pulls[np.arange(len(pairs)), strongest]
    n = np.bincount(data.groups.code, weights=data.measured.n, minlength=len(names)).astype(np.int64)
    return pd.DataFrame(
        {
            "first": names[first], "second": names[second], **judged,
            "raw": of_raw["estimate"], "raw_low": of_raw["conf_low"], "raw_high": of_raw["conf_high"],
            "n_customers": sizes[first] + sizes[second], "n_fewest": np.minimum(sizes[first], sizes[second]),
            "n_invoices": n[first] + n[second],
            "is_shown": (judged["conf_low"] > 0) | (judged["conf_high"] < 0),
            "strongest": data.customer_ids[strongest], "without_strongest": judged["estimate"] - pull,
        }
    )  # fmt: skip


def _removed(data: Compared, fitted: Fit, pairs: list[tuple[int, int]]) -> pd.DataFrame:
    """Return how much of the raw difference each adjustment accounts for; with the adjusted one they make up the raw one."""
    k = len(data.groups.names)
    names = data.groups.names
    weighted_groups = (data.raw * fitted.weights[:, None]).T
    gram = weighted_groups @ data.raw
    rows, at = [], k
    for each in data.adjustments:
        width = each.columns.shape[1]
        part = np.linalg.solve(gram, weighted_groups @ (each.columns @ fitted.coefficients[at : at + width]))
        rows += [(names[a], names[b], each.name, part[a] - part[b]) for a, b in pairs]
        at += width
    return pd.DataFrame(rows, columns=["first", "second", "adjustment", "difference"])


def _by_year(invoices: SettledInvoices, data: Compared, outcome: str, horizon_days: int) -> pd.DataFrame:
    """Return the adjusted means of each calendar year of the due dates."""
    late, due, grace_days, groups = mature(invoices, horizon_days)
    at = {customer: k for k, customer in enumerate(data.customer_ids)}
    place = np.array([at.get(str(customer), -1) for customer in invoices.customer_ids])
    year = due.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    rows = []
    for each in np.unique(year):
        kept = year == each
        counted = np.concatenate(([0], np.cumsum(kept)))
        measured = OUTCOMES[outcome].measure(late[kept], due[kept], grace_days, Groups(counted[groups.start]))
        is_in = np.isfinite(measured.value) & (measured.n > 0) & (place >= 0)
        own = place[is_in]
        design = data.design[own]
        present = design[:, : len(data.groups.names)].sum(axis=0) > 1
        if len(own) < max(_FEWEST_A_YEAR, design.shape[1] + 3) or not present.all():
            continue
        if np.linalg.matrix_rank(design) < design.shape[1]:
            continue
        found = fit(measured.take(is_in), design)
        rows += [(int(each), name, found.coefficients[g]) for g, name in enumerate(data.groups.names)]
    return pd.DataFrame(rows, columns=["year", "group", "estimate"])


def _dominating(data: Compared, raw: Fit) -> pd.DataFrame:
    """Return the customer with most invoices in each group: an average over invoices would be largely its own."""
    n, value, code = data.measured.n, data.measured.value, data.groups.code
    rows = []
    for g, name in enumerate(data.groups.names):
        own = np.flatnonzero(code == g)
        top = own[n[own].argmax()]
        rest = own[own != top]
        rows.append(
            (
                name, data.customer_ids[top], n[top] / n[own].sum(), data.amount[top] / max(data.amount[own].sum(), 1e-9),
                np.average(value[own], weights=n[own]), np.average(value[rest], weights=n[rest]) if len(rest) else np.nan,
                raw.coefficients[g],
            )
        )  # fmt: skip
    columns = [
        "group",
        "customer_id",
        "share_of_invoices",
        "share_of_amount",
        "by_invoice",
        "by_invoice_without",
        "by_customer",
    ]
    return pd.DataFrame(rows, columns=columns)
