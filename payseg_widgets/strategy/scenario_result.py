"""What a scenario comes to: weeks, working capital, and an account that adds up to the penny."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.ledger.amounts import amount
from payseg_widgets.prediction.cash import QUANTILES
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.strategy.scenario_cash import Cash, Change, cash_of

_BANDS = [f"p{round(100 * q)}" for q in QUANTILES]


@dataclass(frozen=True, eq=False, repr=False)
class Scenario:
    """Cash of the coming weeks with and without an assumption.

    Attributes
    ----------
    kind, what : str
        Which scenario, and the assumption in words.
    weeks : pandas.DataFrame
        Index ``week`` as in the forecast, the last row ``NaT`` for later or never. Minor units, ``int64``:
        ``base_expected_minor, base_p10_minor ...`` (the forecast's own), ``expected_minor, p10_minor, p50_minor, p90_minor``
        (with the assumption), ``change_expected_minor, change_p10_minor ...`` (the difference, drawn by draw).
    impact : pandas.DataFrame
        Columns ``expected, p10, p50, p90``. Index: ``money_days`` (minor units times the days they are missing within the
        weeks), ``peak_gap_minor`` (the most that is missing at the end of a day; expected is of the expected cash),
        ``lost_minor`` and ``discount_minor``.
    account : pandas.DataFrame
        Index ``base, scenario``; ``weeks_minor, later_minor, lost_minor, discount_minor, balance_minor``: expected, whole
        minor units; the first four add up to the open balance to the penny.
    peak_on : pandas.Timestamp
        Day at whose end most of the expected cash is missing; ``NaT`` where none is.
    n_customers, n_invoices : int
        Concerned by the assumption.
    as_of : pandas.Timestamp
    currency : str
    """

    kind: str
    what: str
    weeks: pd.DataFrame
    impact: pd.DataFrame
    account: pd.DataFrame
    peak_on: Any
    n_customers: int
    n_invoices: int
    as_of: pd.Timestamp
    currency: str

    @property
    def sentence(self) -> str:
        """What the assumption comes to."""
        base, with_it = self.account["weeks_minor"].tolist()
        said = (
            f"If {self.what}, {self._money(with_it)} is expected within {len(self.weeks) - 1} weeks of {self.as_of:%Y-%m-%d} "
            f"instead of {self._money(base)}"
        )
        gap, low, high = (float(self.impact[name]["peak_gap_minor"]) for name in ("expected", "p10", "p90"))
        if pd.notna(self.peak_on):
            said += (
                f"; most is missing on {self.peak_on:%Y-%m-%d}: {self._money(gap)} of the expected cash "
                f"(8 in 10 draws: {self._money(low)} to {self._money(high)} at the worst day)"
            )
        for name, words in (("lost_minor", "is lost"), ("discount_minor", "goes in discount")):
            forgone = float(self.impact["expected"][name])
            if forgone:
                said += f"; {self._money(forgone)} {words}"
        base, with_it = self.account["later_minor"].tolist()
        if self.account["lost_minor"].any() and base > with_it:
            said += f", {self._money(base - with_it)} of it not expected within these weeks anyway"
        return said + "."

    def _money(self, minor: float) -> str:
        return amount(minor, self.currency)

    def __repr__(self) -> str:
        return f"Scenario({self.kind}: {self.n_invoices:,} invoices, {len(self.weeks) - 1} weeks, as_of={self.as_of:%Y-%m-%d})"


def laid_on(
    forecast: PaymentForecast,
    kind: str,
    change: Change,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Scenario:
    """Return the scenario that a change of the forecast's open invoices makes: see `cash_of` for the options."""
    cash = cash_of(forecast, change, progress=progress, cancel=cancel)
    moved = _whole_pence(cash)
    day = int(np.argmax(cash.expected_gap))
    is_short = cash.expected_gap[day] >= 0.5
    return Scenario(
        kind, change.what, _weeks(forecast, cash, moved), _impact(cash, kind), _account(forecast, cash, moved, kind),
        forecast.as_of + pd.Timedelta(days=day + 1) if is_short else pd.NaT,
        int(forecast.invoices["customer_id"].iloc[change.rows].nunique()), len(change.rows), forecast.as_of, forecast.currency,
    )  # fmt: skip


def _whole_pence(cash: Cash) -> np.ndarray:
    """Return the expected change of each week in whole minor units; what comes later or never takes the rounding."""
    moved = np.round(cash.expected_difference).astype(np.int64)
    moved[-1] = -moved[:-1].sum() - round(cash.expected_forgone)
    return moved


def _weeks(forecast: PaymentForecast, cash: Cash, moved: np.ndarray) -> pd.DataFrame:
    base = forecast.weeks["expected_minor"].to_numpy()
    columns = {}
    for prefix, expected, bands in (
        ("base_", base, cash.base), ("", base + moved, cash.changed), ("change_", moved, cash.difference),
    ):  # fmt: skip
        columns[f"{prefix}expected_minor"] = expected
        drawn = np.round(bands).astype(np.int64).T
        columns |= {f"{prefix}{band}_minor": q for band, q in zip(_BANDS, drawn, strict=True)}
    return pd.DataFrame(columns, index=forecast.weeks.index)


def _account(forecast: PaymentForecast, cash: Cash, moved: np.ndarray, kind: str) -> pd.DataFrame:
    base = forecast.weeks["expected_minor"].to_numpy()
    forgone, balance = round(cash.expected_forgone), forecast.balance_minor
    lost, discount = (0, forgone) if kind == "early_discount" else (forgone, 0)
    changed = base + moved
    rows = {
        "base": (int(base[:-1].sum()), int(base[-1]), 0, 0, balance),
        "scenario": (int(changed[:-1].sum()), int(changed[-1]), lost, discount, balance),
    }
    names = [f"{name}_minor" for name in ("weeks", "later", "lost", "discount", "balance")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)


def _impact(cash: Cash, kind: str) -> pd.DataFrame:
    nothing = (0.0, 0.0, 0.0, 0.0)
    forgone = (cash.expected_forgone, *cash.forgone)
    rows = {
        "money_days": (cash.expected_gap.sum(), *cash.missing_days),
        "peak_gap_minor": (max(cash.expected_gap.max(), 0.0), *cash.peak_gap),
        "lost_minor": nothing if kind == "early_discount" else forgone,
        "discount_minor": forgone if kind == "early_discount" else nothing,
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["expected", *_BANDS])
