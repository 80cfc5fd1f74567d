from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.segmentation.terms import EARLIEST, LATEST, TermsAdvice, advise_terms

NAMES = ("mean_days_late", "on_time_ratio", "payment_consistency")


def portfolio(seed: int, world: str):
    features = compute_features(simulate_ledger(200, seed=seed, world=world).ledger, NAMES)
    made = segment(features, n_segments=4, k_range=(4, 4), compare=False, names=NAMES, min_invoices=1)
    return made, features


def coverage(seeds: range, world: str = "realistic") -> pd.DataFrame:
    """Whether the range held the sixth invoice of strangers of whom n are known; beside it, mean and spread of the n."""
    rows = []
    for seed in seeds:
        made, features = portfolio(seed, world)
        ledger, truth = simulate_ledger(100, seed=seed + 9000, world=world)
        late = (truth.invoices["settled_on"] - ledger.invoices["due_on"]).dt.days.fillna(LATEST)
        late = late.clip(EARLIEST, LATEST).to_numpy()
        rng = np.random.default_rng(seed)
        for at in ledger.invoices.groupby("customer_id", observed=True).indices.values():
            if len(at) < 6:
                continue
            *first, last = late[rng.choice(at, 6, replace=False)]
            for n in (0, 1, 3, 5):
                said = advise_terms(made, features, first[:n])
                half = 1.645 * np.std(first[:n], ddof=1) if n > 1 else np.nan
                rows.append(
                    {
                        "n": n, "covered": said.days_late_low <= last <= said.days_late_high,
                        "covered by mean and spread": n > 1 and abs(last - np.mean(first[:n])) <= half,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows).groupby("n").mean()


@pytest.fixture(scope="module")
def easy():
    return portfolio(1, "easy")


def test_without_an_invoice_the_shares_of_the_portfolio_are_all_that_is_known(easy):
    advice = advise_terms(*easy)
    np.testing.assert_allclose(advice.segments["probability"], advice.segments["prior"])
    sizes = easy[0].labels_.value_counts(normalize=True).sort_index()
    # customers without an invoice old enough are not counted
    np.testing.assert_allclose(advice.segments["prior"], sizes, atol=0.03)
    assert advice.status.startswith("not enough yet")
    assert advice.cost_days > 0


@pytest.mark.parametrize(
    ("delays", "truth"), [([-2, -1, -3, -2, 0], -2), ([20, 19, 22, 18, 21], 20), ([61, 75, 120, 50, 66], 60)]
)
def test_five_invoices_tell_the_simulators_kinds_apart(easy, delays, truth):
    advice = advise_terms(*easy, delays)
    assert advice.status.startswith("likely")
    means = advice.segments["mean_days_late"]
    likeliest = means[advice.segments["probability"].idxmax()]
    # the chronic payers' unpaid invoices count as 120 days, so their mean lies above 60
    expected = means.max() if truth == 60 else means.iloc[(means - truth).abs().argmin()]
    assert likeliest == expected
    assert advice.days_late_low <= truth <= advice.days_late_high
    assert advice.segments["probability"].sum() == pytest.approx(1)


def test_a_wrong_guess_costs_less_the_more_is_known(easy):
    costs = [advise_terms(*easy, [-2.0] * n).cost_days for n in (0, 1, 3, 5)]
    assert costs == sorted(costs, reverse=True)


def test_the_range_holds_nine_in_ten_next_invoices_where_mean_and_spread_do_not():
    table = coverage(range(2))
    # 190 strangers: two standard errors are 0.045
    assert table["covered"].between(0.85, 0.95).all()
    assert table.loc[3, "covered by mean and spread"] < 0.8


@pytest.mark.slow
@pytest.mark.usefixtures("no_gate")
def test_the_range_holds_nine_in_ten_next_invoices_in_400_portfolios():
    table = coverage(range(1000, 1400))
    print("\n" + table.round(3).to_string())
    assert table["covered"].between(0.87, 0.93).all()
    assert table.loc[3, "covered by mean and spread"] < 0.8


def test_what_cannot_be_advised_on_is_said(easy):
    made, features = easy
    with pytest.raises(SegmentationError, match="holds a missing value"):
        advise_terms(made, features, [1.0, np.nan])
    with pytest.raises(SegmentationError, match="has no invoices to learn"):
        advise_terms(made, replace(features, _invoices=None))
    short = simulate_ledger(30, seed=1, start="2024-10-01").ledger
    with pytest.raises(SegmentationError, match="no invoice of a placed customer was due more than 120 days"):
        advise_terms(made, compute_features(short, NAMES))


def test_advice_has_a_short_repr(easy):
    assert repr(advise_terms(*easy, [1.0])).startswith("TermsAdvice(1 invoices, ")
    assert isinstance(advise_terms(*easy), TermsAdvice)
