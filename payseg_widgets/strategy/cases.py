"""The figures that rules look at, of each customer and of each open invoice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import StrategyError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.strategy.expected_loss import expected_losses, loss_chances
from payseg_widgets.strategy.policy import Policy
from payseg_widgets.strategy.signals import LEVELS, SIGNALS

#: Figures that rules look at and that plans do not print beside the reason.
FOR_RULES_ALONE = ("days_past_due", "overdue_rank")


@dataclass(frozen=True, eq=False, repr=False)
class Cases:
    """Customers and open invoices with their figures.

    Attributes
    ----------
    customers : pandas.DataFrame
        Index ``customer_id``: ``segment, letter, risk, value`` (texts; missing risk where no segmentation tells it),
        ``late_probability, is_forecast`` (whether that is of open invoices), ``n_invoices, invoiced_minor, n_open,
        outstanding_minor, expected_loss_minor`` (Int64, missing without a forecast), ``days_overdue, loss_ratio, balance_rank,
        days_past_due, overdue_rank``.
    invoices : pandas.DataFrame
        Index ``invoice_id``, a row each open invoice: ``customer_id, letter, risk, value, late_probability, expected_days,
        outstanding_minor, expected_loss_minor, days_overdue, loss_ratio, balance_rank, days_past_due, overdue_rank``.
    """

    customers: pd.DataFrame
    invoices: pd.DataFrame

    def __repr__(self) -> str:
        return f"Cases({len(self.customers):,} customers, {len(self.invoices):,} open invoices)"


def cases_of(
    ledger: Ledger,
    invoices: SettledInvoices,
    segmentation: Segmentation,
    forecast: PaymentForecast | None,
    policy: Policy,
) -> Cases:
    """Gather the figures.

    Raises
    ------
    StrategyError
        If the forecast is not of the ledger's day and its open invoices.
    UnknownNameError
        If the policy names a segment that does not exist.
    """
    ids = pd.Index(invoices.customer_ids.astype(str), name="customer_id")
    placed = _segments(ids, segmentation, policy)
    placed["value"] = _value(invoices, policy)
    history = invoices.late_before
    rows, of_open = invoices.open_invoices
    owner = np.repeat(np.arange(len(ids)), of_open.sizes)
    open_ids = pd.Index(ledger.invoices["invoice_id"].astype(str).to_numpy()[rows], name="invoice_id")
    table = placed.drop(columns="segment").iloc[owner].reset_index().set_index(open_ids)
    figures: dict[str, Any] = _open_figures(invoices, rows, history[owner])
    if forecast is not None:
        _check_forecast(forecast, ledger, open_ids, invoices.outstanding[rows])
        figures |= _forecast_figures(forecast, open_ids, invoices.outstanding[rows], policy.loss_days)
    table = table.assign(**figures)
    table["balance_rank"] = share_below(table["outstanding_minor"].to_numpy())
    table["overdue_rank"] = _rank(table["outstanding_minor"].where(table["days_overdue"] > 0, 0).to_numpy())
    return Cases(_customers(placed, invoices, table, owner, history), table)


def _segments(ids: pd.Index, segmentation: Segmentation, policy: Policy) -> pd.DataFrame:
    letters = {card.segment: card.letter for card in segmentation.cards}
    risks = {card.letter: card.risk for card in segmentation.cards}
    policy.check_segments(segmentation)
    risks |= policy.segment_risk
    segment = segmentation.labels_.reindex(ids).fillna(-1).astype("int64")
    lettered = segment.map(letters).fillna("–")
    return pd.DataFrame({"segment": segment, "letter": lettered, "risk": lettered.map(risks).astype("str")})


def _value(invoices: SettledInvoices, policy: Policy) -> np.ndarray:
    rank = share_below(invoices.invoiced)
    return np.select([rank >= policy.value_high, rank >= policy.value_medium], ["high", "medium"], "low")


def share_below(amounts: np.ndarray) -> np.ndarray:
    """Return for each amount the share of the others that are smaller, equal ones counting half; 1 for the only one.

    >>> share_below(np.array([5, 1, 5, 3, 9]))
    array([0.625, 0.   , 0.625, 0.25 , 1.   ])
    """
    if len(amounts) < 2:
        return np.ones(len(amounts))
    ordered = np.sort(amounts)
    smaller, no_larger = (np.searchsorted(ordered, amounts, side) for side in ("left", "right"))
    return np.asarray((smaller + no_larger - 1) / 2 / (len(amounts) - 1))


def _rank(amounts: np.ndarray) -> np.ndarray:
    """Return `share_below` among the amounts above 0; 0 for the others."""
    rank = np.zeros(len(amounts))
    rank[amounts > 0] = share_below(amounts[amounts > 0])
    return rank


def _open_figures(invoices: SettledInvoices, rows: np.ndarray, history: np.ndarray) -> dict[str, np.ndarray]:
    """Return what is known of open invoices without a forecast."""
    is_overdue = invoices.is_overdue[rows]
    return {
        "late_probability": np.where(is_overdue, 1.0, history),
        "expected_days": np.full(len(rows), np.nan),
        "outstanding_minor": invoices.outstanding[rows],
        "expected_loss_minor": pd.array([pd.NA] * len(rows), dtype="Int64"),
        "days_overdue": np.where(is_overdue, invoices.days_past_due[rows], 0).astype(np.int64),
        "days_past_due": np.maximum(invoices.days_past_due[rows], 0).astype(np.int64),
        "loss_ratio": np.full(len(rows), np.nan),
    }


def _check_forecast(
    forecast: PaymentForecast, ledger: Ledger, open_ids: pd.Index, outstanding: np.ndarray
) -> None:
    """Refuse a forecast of another day, or of other invoices."""
    if forecast.as_of != ledger.as_of:
        raise StrategyError(
            f"the forecast is of {forecast.as_of:%Y-%m-%d}, the ledger of {ledger.as_of:%Y-%m-%d}. "
            "Forecast the same ledger: predict_payments(ledger)."
        )
    told = forecast.invoices["outstanding_minor"].reindex(open_ids)
    if (
        len(forecast.invoices) != len(open_ids) or (told.to_numpy() != outstanding).any()
    ):  # one that is not told differs
        raise StrategyError(
            f"the forecast of {forecast.as_of:%Y-%m-%d} tells of {len(forecast.invoices):,} open invoices, the ledger has "
            f"{len(open_ids):,}, or of other amounts. Forecast the same ledger: predict_payments(ledger)."
        )


def _forecast_figures(
    forecast: PaymentForecast, open_ids: pd.Index, outstanding: np.ndarray, loss_days: int
) -> dict[str, Any]:
    """Return what is forecast of open invoices, in their order."""
    order = forecast.invoices.index.get_indexer(open_ids)
    told = forecast.invoices.iloc[order]
    unpaid = forecast.unpaid
    lost = loss_chances(unpaid, loss_days)[order]
    return {
        "late_probability": told["p_late"].to_numpy(),
        "expected_days": told["expected_days"].to_numpy(),
        "expected_loss_minor": pd.array(expected_losses(outstanding, lost), dtype="Int64"),
        "loss_ratio": lost,
    }


def _customers(
    placed: pd.DataFrame,
    invoices: SettledInvoices,
    table: pd.DataFrame,
    owner: np.ndarray,
    history: np.ndarray,
) -> pd.DataFrame:
    n = len(placed)
    owed, has_open = invoices.balance, invoices.balance > 0
    money, days = table["outstanding_minor"].to_numpy(), table["days_overdue"].to_numpy()
    of_overdue = np.where(days > 0, money, 0)
    overdue = np.bincount(owner, of_overdue, minlength=n)
    counts = np.where(
        overdue[owner] > 0, of_overdue, money
    )  # what is not yet due makes nothing overdue milder
    late = _means(table["late_probability"].to_numpy(), money, owner, n)
    oldest = np.zeros(n, np.int64)
    np.maximum.at(oldest, owner, table["days_past_due"].to_numpy())
    loss = table.groupby(owner)["expected_loss_minor"].sum(min_count=1).reindex(range(n))
    return placed.assign(
        late_probability=np.clip(np.where(has_open, late, history), 0, 1),
        is_forecast=has_open & table["loss_ratio"].notna().any(),
        n_invoices=invoices.n_invoices, invoiced_minor=invoices.invoiced,
        n_open=np.bincount(owner, minlength=n), outstanding_minor=owed,
        expected_loss_minor=loss.mask(~has_open, 0).array,
        days_overdue=np.nan_to_num(_means(days, counts, owner, n)),
        loss_ratio=np.clip(_means(table["loss_ratio"].to_numpy(), counts, owner, n), 0, 1),
        balance_rank=_rank(owed), days_past_due=oldest, overdue_rank=_rank(overdue),
    )  # fmt: skip


def _means(values: np.ndarray, weights: np.ndarray, owner: np.ndarray, n: int) -> np.ndarray:
    """Return each customer's weighted mean; NaN without weight."""
    total, weight = (
        np.bincount(owner, values * weights, minlength=n),
        np.bincount(owner, weights, minlength=n),
    )
    return np.divide(total, weight, out=np.full(n, np.nan), where=weight > 0)


def signals_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that rules look at, levels as 0, 1, 2; NaN where one is missing."""
    codes = {level: float(code) for code, level in enumerate(LEVELS)}
    return pd.DataFrame(
        {
            "segment_risk": table["risk"].map(codes).astype(float),
            "value": table["value"].map(codes).astype(float),
            **{name: table[name].astype(float) for name, signal in SIGNALS.items() if not signal.is_level},
        }
    )
