"""Hold-outs: power as told, no claim where reminders do nothing, and the naive comparison, which claims one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from payseg_widgets import analyse_holdout, design_holdout, late_outcomes, simulate_ledger
from payseg_widgets.errors import EffectError
from payseg_widgets.strategy.holdout import HELD_OUT, REMINDED, _assign
from payseg_widgets.strategy.holdout_power import Scatter, Trial


def invoices_of(rng, n_customers, *, mean=0.35, icc=0.3, per=6.0, change=None, arms=None):
    """Late invoices of customers whose shares scatter as a beta distribution of a given correlation."""
    worth = 1 / icc - 1
    p = rng.beta(mean * worth, (1 - mean) * worth, n_customers)
    ids = [f"C{k:05d}" for k in range(n_customers)]
    if arms is not None:
        fewer, more = p * (1 + change / mean), 1 - (1 - p) * (1 - change / (1 - mean))
        p = np.where(arms.reindex(ids) == REMINDED, fewer if change <= 0 else more, p)
    n = rng.poisson(per - 1, n_customers) + 1
    return pd.DataFrame({"customer_id": np.repeat(ids, n), "is_late": rng.random(n.sum()) < np.repeat(p, n)})


def segments(n, names=("A", "B", "C")):
    return pd.Series(
        [names[k % len(names)] for k in range(n)], index=[f"C{k:05d}" for k in range(n)], name="segment"
    )


@pytest.fixture(scope="module")
def history():
    return invoices_of(np.random.default_rng(7), 400)


def test_every_segment_is_split_as_asked_and_the_seed_decides(history):
    made = design_holdout(segments(401), history, effect=-0.1, share_held_out=0.2, seed=3)
    table = made.assignments
    assert len(made.held_out) in (80, 81)
    out = (table["arm"] == HELD_OUT).groupby(table["segment"]).agg(["sum", "size"])
    assert (abs(out["sum"] - 0.2 * out["size"]) < 1).all()
    again = design_holdout(
        segments(401).sample(frac=1, random_state=1), history, effect=-0.1, share_held_out=0.2, seed=3
    )
    pd.testing.assert_frame_equal(again.assignments, table)  # whatever the order they are given in
    assert not design_holdout(
        segments(401), history, effect=-0.1, share_held_out=0.2, seed=4
    ).held_out.equals(made.held_out)


def test_each_customer_has_the_same_chance(history):
    made = design_holdout(segments(30), history, effect=0.2, share_held_out=0.3)
    drawn = [drawn_again(made, 0.3, seed).held_out for seed in range(200)]
    share = pd.Index(np.concatenate(drawn)).value_counts().reindex(segments(30).index).fillna(0) / 200
    assert abs(share - 0.3).max() < 4.5 * np.sqrt(0.3 * 0.7 / 200)  # of thirty


def test_power_is_that_of_the_t_test_for_customers_that_scatter_alike():
    for effect, n in ((0.4, 60), (0.25, 200), (0.1, 500)):
        told = Trial(Scatter(0.0, 0.5, 1.0, 2.0, 1.0, False), effect, 0.05, 0.5, 1).power(n)
        assert told == pytest.approx(TTestIndPower().power(effect, n / 2, 0.05), abs=1e-6)


def test_the_correlation_of_invoices_and_the_design_effect_are_found():
    known = invoices_of(np.random.default_rng(11), 4_000, icc=0.25)
    made = design_holdout(segments(4_000), known, effect=-0.05)
    assert made.icc == pytest.approx(0.25, abs=0.02)
    per = known.groupby("customer_id").size()
    assert made.invoices_per_customer == pytest.approx(stats.hmean(per))
    assert made.design_effect == pytest.approx(1 + (stats.hmean(per) - 1) * made.icc)
    assert made.mean == pytest.approx(0.35, abs=0.02)


def test_as_many_customers_as_are_needed_are_enough(history):
    made = design_holdout(segments(400), history, effect=-0.1, power=0.9)
    more = design_holdout(segments(400), history, effect=-np.float64(made.smallest_effect), power=0.9)
    assert more.expected_power == pytest.approx(0.9, abs=0.001)
    assert (made.n_needed <= 400) == (made.expected_power >= 0.9)
    assert ("too few" in made.sentence) == (made.n_needed > 400)


def test_the_difference_is_that_of_a_regression_with_hc2_errors(history):
    made = design_holdout(segments(400), history, effect=-0.1, share_held_out=0.25)
    known = invoices_of(np.random.default_rng(2), 400, change=-0.1, arms=made.assignments["arm"])
    found = analyse_holdout(made, known)
    per = known.groupby("customer_id")["is_late"].mean()
    table = made.assignments.join(per.rename("y"), how="inner")
    design = pd.get_dummies(table["segment"]).astype(float).assign(t=(table["arm"] == REMINDED).astype(float))
    oracle = sm.OLS(table["y"], design).fit(cov_type="HC2", use_t=True)
    assert found.difference == pytest.approx(oracle.params["t"])
    assert found.p_value == pytest.approx(oracle.pvalues["t"])
    assert [found.conf_low, found.conf_high] == pytest.approx(list(oracle.conf_int().loc["t"]))
    assert found.arms["n_invoices"].sum() == len(known)


def test_customers_without_an_invoice_are_told_and_those_not_assigned_left_out(history):
    made = design_holdout(segments(100), history, effect=-0.2)
    known = invoices_of(np.random.default_rng(4), 150)
    gone = made.assignments.index[made.assignments["arm"] == HELD_OUT][:20]
    found = analyse_holdout(made, known[~known["customer_id"].isin(gone)])
    assert found.arms["n_assigned"].tolist() == [50, 50]
    assert found.arms["n_customers"].tolist() == [50, 30]
    assert found.p_missing < 1e-5
    assert "unlike customers" in found.sentence


def drawn_again(made, share, seed):
    """Return the design with the customers drawn anew: what it can show is the same."""
    return replace(made, assignments=_assign(made.assignments["segment"], share, seed))


def shown_of_nothing(n_trials, history):
    """Return the share of trials that show a difference where there is none."""
    rng, made = np.random.default_rng(0), design_holdout(segments(150), history, effect=-0.1)
    shown = (
        analyse_holdout(drawn_again(made, 0.5, k), invoices_of(rng, 150)).is_shown for k in range(n_trials)
    )
    return sum(shown) / n_trials


def test_where_reminders_do_nothing_few_trials_show_something(history):
    assert shown_of_nothing(200, history) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.slow
def test_where_reminders_do_nothing_one_trial_in_twenty_shows_something(history):
    ours = shown_of_nothing(4_000, history)
    print(f"\nreminders that do nothing: a difference is shown in {ours:.2%} of trials")
    assert 0.03 <= ours <= 0.075


def test_where_reminders_do_nothing_the_naive_comparison_claims_that_they_do():
    for seed in range(3):
        ledger = simulate_ledger(80, seed=seed, reminder_response=0.0).ledger
        reminded = np.isin(np.arange(len(ledger)), ledger.reminders["invoice_row"])
        known = late_outcomes(ledger).assign(
            reminded=pd.Series(reminded, index=ledger.invoices["invoice_id"])
        )
        per = known.groupby(["customer_id", "reminded"])["is_late"].mean().unstack()
        figures = per.set_axis(["not", "reminded"], axis=1).agg(["mean", "std", "count"])
        naive = stats.ttest_ind_from_stats(*figures["reminded"], *figures["not"], equal_var=False)
        assert naive.pvalue < 0.05
        assert naive.statistic > 0  # reminded invoices are the late ones


def test_sentences_claim_no_more_than_chance_allows(history):
    made = design_holdout(segments(400), history, effect=-0.1)
    nothing = analyse_holdout(made, invoices_of(np.random.default_rng(1), 400))
    assert "No difference can be shown" in nothing.sentence
    assert "changed" not in nothing.sentence
    much = analyse_holdout(
        made, invoices_of(np.random.default_rng(1), 400, change=-0.2, arms=made.assignments["arm"])
    )
    assert much.is_shown
    assert much.sentence.startswith("Assigning customers to reminders changed")
    assert "drawn at random" in much.sentence


def test_outcomes_are_known_whoever_pays():
    ledger = simulate_ledger(40, seed=1).ledger
    known = late_outcomes(ledger, "2024-06-01")
    issued = ledger.invoices.set_index("invoice_id").loc[known.index]
    assert (issued["issued_on"] >= "2024-06-01").all()
    assert (issued["due_on"] < ledger.as_of).all()


@pytest.mark.parametrize("constant", [1.0, 0.1, 0.0, 3.7, -1e6])
def test_where_all_outcomes_are_the_same_no_difference_is_claimed(constant):
    rng, level = np.random.default_rng(0), 1e-12 * abs(constant)
    for seed in range(20):
        n = int(rng.integers(20, 120))
        past = pd.DataFrame({"customer_id": np.repeat(segments(n).index, 4), "x": rng.random(4 * n)})
        made = design_holdout(segments(n), past, effect=-0.2, outcome="x", seed=seed)
        found = analyse_holdout(made, past.assign(x=constant + level * rng.random(4 * n)))
        assert not found.is_shown
        assert (found.difference, found.p_value) == (0, 1)


def test_ids_that_are_numbers_are_compared_as_text(history):
    numbered = history.assign(customer_id=history["customer_id"].str[1:].astype(int))
    made = design_holdout(pd.Index(range(400)), numbered, effect=-0.1)
    assert made.assignments.index.tolist() == sorted(map(str, range(400)))
    with pytest.raises(EffectError, match="none of these customers has an invoice in the history"):
        design_holdout(pd.Index(range(400)), history, effect=-0.1)


@pytest.mark.parametrize("effect", [-0.9, -5.0, 0.8, 3])
def test_a_share_cannot_change_by_more_than_there_is(history, effect):
    with pytest.raises(
        EffectError, match=r"the share was 0\.\d+ before, so it can change by -0\.\d+ to \+0\.\d+ at most"
    ):
        design_holdout(segments(50), history, effect=effect)


def test_impossible_trials_are_refused(history):
    with pytest.raises(EffectError, match="leaves an arm with fewer than 2"):
        design_holdout(segments(50), history, effect=-0.1, share_held_out=0.001)
    with pytest.raises(EffectError, match="'x' is infinite in"):
        design_holdout(segments(50), history.assign(x=np.inf), effect=-0.1, outcome="x")
    with pytest.raises(EffectError, match="'x' holds what is no number"):
        design_holdout(segments(50), history.assign(x="late"), effect=-0.1, outcome="x")
    for option in ("power", "alpha", "share_held_out", "invoices_factor", "effect"):
        for wrong in (float("nan"), None, "1"):
            with pytest.raises(EffectError, match=f"{option}="):
                design_holdout(segments(50), history, **{"effect": 0.1, option: wrong})


def test_what_is_asked_wrongly_is_refused(history):
    with pytest.raises(EffectError, match="effect=0"):
        design_holdout(segments(50), history, effect=0)
    with pytest.raises(EffectError, match=r"power=1\.2"):
        design_holdout(segments(50), history, effect=0.1, power=1.2)
    with pytest.raises(EffectError, match="no column 'days_late'"):
        design_holdout(segments(50), history, effect=0.1, outcome="days_late")
    with pytest.raises(EffectError, match="too few to tell"):
        design_holdout(segments(50), history.head(12), effect=0.1)
    with pytest.raises(EffectError, match="fewer than two customers"):
        analyse_holdout(design_holdout(segments(50), history, effect=0.1), history.head(3))


def simulated_power(n_trials, *, n, change, seed, share=0.5, icc=0.3):
    """Return the share of trials that show a change, and the power told, the mean over thirty histories drawn alike."""
    rng, options = np.random.default_rng(seed), {"effect": change, "share_held_out": share}
    designs = [design_holdout(segments(n), invoices_of(rng, n, icc=icc), **options) for _ in range(30)]
    shown = 0
    for k in range(n_trials):
        made = drawn_again(designs[0], share, k)
        known = invoices_of(rng, n, icc=icc, change=change, arms=made.assignments["arm"])
        shown += analyse_holdout(made, known).is_shown
    return shown / n_trials, float(np.mean([made.expected_power for made in designs]))


def test_power_is_about_what_was_told():
    shown, told = simulated_power(100, n=250, change=-0.1, seed=3)
    assert shown == pytest.approx(told, abs=0.15)  # three standard errors


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "change", "share", "icc"),
    [(250, -0.1, 0.5, 0.3), (400, -0.1, 0.2, 0.3), (300, -0.07, 0.5, 0.1), (600, 0.08, 0.5, 0.5)],
)
def test_power_is_within_three_points_of_what_was_told(n, change, share, icc):
    shown, told = simulated_power(2_000, n=n, change=change, seed=17, share=share, icc=icc)
    naive = TTestIndPower().power(
        abs(change) / np.sqrt(0.35 * 0.65), n * 6 * share, 0.05, ratio=(1 - share) / share
    )
    print(
        f"\n{n} customers, {change:+.2f}, {share:.0%} out, icc {icc}: told {told:.3f}, shown {shown:.3f}; by invoices {naive:.3f}"
    )
    assert shown == pytest.approx(told, abs=0.03)
