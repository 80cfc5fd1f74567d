"""What is forecast comes true as often as it is said, on worlds whose later months are known.

    uv run pytest -m slow -n 0 -s tests/prediction

is the study; the fast form of it runs with the other tests.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import simulate_ledger
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.cash import draw_bands
from payseg_widgets.prediction.dependence import Dependence
from payseg_widgets.prediction.forecast import predict_payments

DAYS = ("2024-02-29", "2024-05-31", "2024-08-31")
N_WEEKS = 8


def day_number(day) -> int:
    return int(np.datetime64(day).astype("datetime64[D]").astype(int))


def judged(ledger, at, day):
    """Whether each week's cash was within its band, whether each invoice was paid within its interval; and naive bands."""
    forecast = predict_payments(ledger, day, n_weeks=N_WEEKS)
    rows = at.frame.index.get_indexer(forecast.invoices.index)
    paid_on = at.settled_on[rows].astype(np.int64)
    money = forecast.invoices["outstanding_minor"].to_numpy()
    week = np.where(paid_on == NEVER, N_WEEKS, (paid_on - day_number(day) - 1) // 7)
    came = np.bincount(np.minimum(week, N_WEEKS), weights=money, minlength=N_WEEKS + 1)[:N_WEEKS]
    table = forecast.weeks.iloc[:N_WEEKS]
    within = (table["p10_minor"].to_numpy() <= came) & (came <= table["p90_minor"].to_numpy())
    own = forecast.invoices
    low, high = (
        own[f"paid_q{q}"].map(lambda d: day_number(d) if pd.notna(d) else 2**40).to_numpy() for q in (10, 90)
    )
    is_late = paid_on >= at.overdue_on[rows]
    fresh = own["days_past_due"].to_numpy() <= 0
    still = forecast.unpaid.at_week_ends(N_WEEKS)
    codes = np.unique(own["customer_id"].to_numpy(), return_inverse=True)[1]
    naive = draw_bands(still, money, codes, Dependence(0, 0), n_draws=1_000, seed=0).weeks[:N_WEEKS]
    return {
        "naive": (naive[:, 0] <= came) & (came <= naive[:, 2]), "weeks": within, "dates": (low <= paid_on) & (paid_on <= high),
        "said": own["p_late"].to_numpy()[fresh], "was": is_late[fresh],
        "ratio": came.sum() / table["expected_minor"].sum(),
    }  # fmt: skip


def shaken(ledger, seed):
    """Everybody pays later by days that wander from week to week; what would come after as_of is not known."""
    payments, rng = ledger.payments, np.random.default_rng(seed)
    week = (payments["paid_on"] - payments["paid_on"].min()).dt.days.to_numpy() // 7
    shock = np.zeros(week.max() + 2)
    for k in range(1, len(shock)):
        shock[k] = 0.85 * shock[k - 1] + rng.normal(0, 4)  # standard deviation 7.6 days
    delay = np.clip(np.round(10 + shock[week]), 0, None)
    on = payments["paid_on"] + pd.to_timedelta(delay, unit="D")
    moved = payments.assign(paid_on=on.astype("datetime64[s]"))
    moved = moved.sort_values(
        ["customer_id", "paid_on", "invoice_row"], kind="stable"
    )  # as a ledger keeps them
    return replace(ledger, payments=moved[moved["paid_on"] <= ledger.as_of].reset_index(drop=True))


def study(seeds, *, shocks=False):
    parts = []
    for seed in seeds:
        ledger = simulate_ledger(250, seed=seed, world="realistic").ledger
        ledger = shaken(ledger, seed) if shocks else ledger
        at = features_at_issue(ledger)
        parts += [judged(ledger, at, day) for day in DAYS]
    return {name: np.concatenate([np.atleast_1d(part[name]) for part in parts]) for name in parts[0]}


def told(found):
    mean = {name: values.mean() for name, values in found.items()}
    return (
        "weekly cash within its 10-90 band {weeks:.3f} (independent throws: {naive:.3f}); dates within their 80 % interval "
        "{dates:.3f}; late: predicted {said:.3f}, was {was:.3f}; cash over expected {ratio:.3f}"
    ).format(**mean)


def test_a_world_comes_true():
    found = study([1])
    assert 0.6 <= found["weeks"].mean() <= 0.95, told(found)
    assert 0.72 <= found["dates"].mean() <= 0.9, told(found)
    assert found["said"].mean() == pytest.approx(found["was"].mean(), abs=0.08), told(found)


@pytest.mark.slow
def test_many_worlds_come_true():
    found = study(range(100, 140))
    print("\n", told(found))
    assert 0.76 <= found["weeks"].mean() <= 0.84
    assert 0.76 <= found["dates"].mean() <= 0.84
    assert 0.95 <= found["said"].mean() / found["was"].mean() <= 1.05


@pytest.mark.slow
def test_where_everybody_is_shaken_together_the_bands_hold_too():
    found = study(range(200, 220), shocks=True)
    print("\n", told(found))
    assert 0.76 <= found["weeks"].mean() <= 0.84
