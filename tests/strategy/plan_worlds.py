"""Small books with segments and forecasts whose figures are chosen, for the tests of plans."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger, assemble
from payseg_widgets.prediction.dates import ENDS, Unpaid
from payseg_widgets.segmentation.result import Segmentation, SegmentCard

AS_OF = pd.Timestamp("2024-12-31")
RISKS = ("low", "medium", "high")


def day(offset: int) -> str:
    """Return the day so many days before the last."""
    return f"{AS_OF - pd.Timedelta(days=offset):%Y-%m-%d}"


def book(rows) -> Ledger:
    """Make a ledger of (customer, issued, due, minor units, [(paid on, minor units), ...], closed or None)."""
    days = lambda values: pd.to_datetime(pd.Series(list(values), dtype="str")).dt.as_unit("s")  # noqa: E731
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"I{i}" for i in range(len(rows))], "customer_id": [r[0] for r in rows],
            "issued_on": days(r[1] for r in rows), "due_on": days(r[2] for r in rows),
            "amount_minor": [r[3] for r in rows],
            "closed_on": days(day(0) if r[5] else None for r in rows),
            "closed_reason": pd.Series([r[5] for r in rows], dtype="str"),
        }
    )  # fmt: skip
    paid = [(f"I{i}", r[0], *payment) for i, r in enumerate(rows) for payment in r[4]]
    payments = pd.DataFrame(
        {
            "invoice_id": pd.Series([p[0] for p in paid], dtype="str"),
            "customer_id": pd.Series([p[1] for p in paid], dtype="str"),
            "paid_on": days(p[2] for p in paid),
            "amount_minor": pd.Series([p[3] for p in paid], dtype="int64"),
        }
    )
    customers = pd.DataFrame({"customer_id": pd.Series(dtype="str")})
    return assemble(customers=customers, invoices=invoices, payments=payments, as_of=AS_OF, currency="GBP")


def segmented(ledger: Ledger, segment_of: dict[str, int]) -> Segmentation:
    """Place customers in segment 0 (A, low), 1 (B, medium), 2 (C, high) or none."""
    ids = pd.Index(SettledInvoices.from_ledger(ledger).customer_ids, name="customer_id")
    labels = pd.Series([segment_of[name] for name in ids], index=ids, name="segment")
    cards = tuple(
        SegmentCard(k, "ABC"[k], f"Segment {k}", 0, 0.0, 0.0, RISKS[k], "medium", pd.DataFrame(), "", "", ())
        for k in range(3)
    )
    return Segmentation(
        labels_=labels, probabilities_=labels * 0.0, cards=cards, model="kmeans", features=(), criteria=pd.DataFrame(),
        why_k="made by hand", attempts=pd.DataFrame(), quality={}, notes=(), coordinates=pd.DataFrame(), seed=0,
    )  # fmt: skip


def forecast_of(
    ledger: Ledger, p_late: np.ndarray, unpaid: np.ndarray, order: np.ndarray | None = None
) -> SimpleNamespace:
    """Make a forecast that tells of each open invoice that it is late, and for ever unpaid, with these chances."""
    invoices = SettledInvoices.from_ledger(ledger)
    rows = np.flatnonzero(invoices.outstanding > 0)
    seen = invoices.days_past_due[rows].astype(float)
    table = pd.DataFrame(
        {
            "outstanding_minor": invoices.outstanding[rows], "expected_days": 10.0,
            "p_late": np.where(seen > 0, 1.0, p_late),
        },
        index=pd.Index(ledger.invoices["invoice_id"].to_numpy()[rows], name="invoice_id"),
    )  # fmt: skip
    order = np.arange(len(rows)) if order is None else order
    return SimpleNamespace(
        invoices=table.iloc[order],
        as_of=ledger.as_of,
        provenance={"seed": 0, "n_draws": 200, "n_weeks": 12},
        unpaid=Unpaid(seen[order], np.where(ENDS[None, :] <= seen[order, None], 1.0, unpaid[order, None])),
    )
