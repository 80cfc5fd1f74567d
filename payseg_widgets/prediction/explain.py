"""STUB until the main agent's is merged: why an invoice has the chance it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.prediction.forecast import PaymentForecast


@dataclass(frozen=True, eq=False, repr=False)
class InvoiceReasons:
    """Reasons of one invoice."""

    table: pd.DataFrame
    chance: float
    typical: float
    what: str
    curve: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The reasons in words."""
        return f"A typical invoice is {self.what} with {self.typical:.0%}, this one with {self.chance:.0%}."

    def __repr__(self) -> str:
        return f"InvoiceReasons({self.what}: {self.chance:.0%})"


def explain_invoice(forecast: PaymentForecast, invoice_id: str, *, seed: int = 0) -> InvoiceReasons:
    """Explain one invoice."""
    row: Any = forecast.invoices.loc[invoice_id]
    is_late = row["p_late"] >= 1
    which = "p_paid_30" if is_late else "p_late"
    chance, typical = float(row[which]), float(forecast.invoices[which].mean())
    gap = 100 * (chance - typical)
    table = pd.DataFrame(
        {"points": [1.4 * gap, -0.7 * gap, 0.3 * gap]},
        index=pd.Index(["How it paid before", "Amount and terms", "The season"], name="reason"),
    )
    days = np.arange(0, 181)
    chances = np.interp(
        days, [0, 7, 30, 60, 180], [0, row["p_paid_7"], row["p_paid_30"], row["p_paid_60"], 0.97]
    )
    curve = pd.DataFrame(
        {"p_paid": np.maximum.accumulate(chances)},
        index=pd.Index(forecast.as_of.normalize() + pd.to_timedelta(days, unit="D"), name="day"),
    )
    return InvoiceReasons(table, chance, typical, "paid within 30 days" if is_late else "late", curve)
