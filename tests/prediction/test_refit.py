"""A challenger takes over when things have changed, not by luck, and neither is judged on what it has seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from payseg_widgets import features_at_issue, fit_forecaster, refit, simulate_ledger
from payseg_widgets.errors import ForecastError, UnknownNameError
from payseg_widgets.prediction.forecaster import FORECASTERS
from tests.prediction.forecasts import paid_later

CHANGE = "2024-01-31"


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(150, seed=5, world="realistic").ledger


@pytest.fixture(scope="module")
def at(ledger):
    return features_at_issue(ledger)


@pytest.fixture(scope="module")
def champion(ledger):
    return fit_forecaster(features_at_issue(ledger.until(CHANGE)), "logistic")


def day_number(day):
    return int(np.datetime64(day, "D").astype(int))


def test_a_fitted_forecaster_says_what_its_kind_says_of_the_invoices_known(at, champion, ledger):
    then = features_at_issue(ledger.until(CHANGE))
    known = then.take(then.is_mature)
    chance = FORECASTERS["logistic"].fit(known.frame, known.is_late, 0)
    np.testing.assert_allclose(champion.predict(at.frame), chance(at.frame))
    assert repr(champion) == f"FittedForecaster(logistic, {len(known):,} invoices, fitted_on={CHANGE})"
    mixed = at.frame[at.frame.columns[::-1]].assign(other=1.0)
    np.testing.assert_allclose(champion.predict(mixed), champion.predict(at.frame))
    with pytest.raises(ForecastError, match="no column 'late_odds'"):
        champion.predict(at.frame.drop(columns="late_odds"))
    with pytest.raises(UnknownNameError, match="'oracle'"):
        fit_forecaster(at, "oracle")
    with pytest.raises(ForecastError, match=r"by 2022-01-05 0 are known to be late"):
        fit_forecaster(at.known_by(day_number("2022-01-05")))


def test_after_everybody_pays_later_the_challenger_wins_and_learns_all_there_is(ledger, champion):
    changed = features_at_issue(paid_later(ledger, CHANGE, 20))
    told = refit(champion, changed)
    assert told.is_replaced
    assert told.gain_low > 0
    assert told.champion.fitted_on == ledger.as_of
    assert told.champion.n_fitted == changed.is_mature.sum()
    assert told.table.at["champion", "gap"] > abs(told.table.at["challenger", "gap"])
    assert told.sentence.startswith("The challenger takes over: its chances are closer to what came.")


def test_both_are_judged_on_later_invoices_alone(at, champion):
    told = refit(champion, at, split_on="2024-06-30")
    seen = at.take(at.is_mature & (at.issued > day_number("2024-06-30")))
    assert told.n_judged == len(seen)
    p = champion.predict(seen.frame)
    new = fit_forecaster(at.known_by(day_number("2024-06-30")), "logistic").predict(seen.frame)
    was = np.mean((p - seen.is_late) ** 2) - np.mean((new - seen.is_late) ** 2)
    assert told.gain == pytest.approx(was)
    assert told.gain == pytest.approx(told.table["brier"]["champion"] - told.table["brier"]["challenger"])
    assert told.table["fitted_on"].astype(str).tolist() == [CHANGE, "2024-06-30"]
    with pytest.raises(ForecastError, match="fitted on 2024-01-31, after split_on 2023-12-31"):
        refit(champion, at, split_on="2023-12-31")
    with pytest.raises(ForecastError, match="issued after 2024-12-30"):
        refit(champion, at, split_on="2024-12-30")


def test_what_comes_after_the_split_changes_no_challenger(at, champion):
    """Turn every later outcome round: both are judged otherwise, and told the same of each invoice."""
    day = day_number("2024-06-30")
    turned = replace(
        at, is_late=np.where(at.overdue_on > day, ~at.is_late, at.is_late) & (at.overdue_on <= at.as_of)
    )
    one, other = (refit(champion, world, split_on="2024-06-30").table for world in (at, turned))
    assert one["predicted"].tolist() == other["predicted"].tolist()
    assert one["observed"].tolist() != other["observed"].tolist()


def test_a_poor_challenger_leaves_the_champion_as_it_was(at, champion):
    told = refit(champion, at, challenger="base_rate")
    assert not told.is_replaced
    assert told.champion is champion
    assert told.gain_high < 0
    assert told.table["name"].tolist() == ["logistic", "base_rate"]
    assert told.sentence.startswith(
        "The champion stays: the challenger cannot be shown to be better. Judged on "
    )
    assert repr(told).startswith("Refit(logistic, is_replaced=False, gain=-0.0")


def test_of_one_customer_it_is_said_that_there_is_no_interval(at, champion):
    told = refit(champion, replace(at, customer_id=np.full(len(at), "C1")))
    assert not told.is_replaced
    assert f"{told.n_judged:,} invoices of 1 customer issued after" in told.sentence
    assert told.sentence.endswith("(no interval can be given: one customer).")


def redrawn(at, rng, change=0.0):
    """Lateness drawn anew: each customer has a share of its own; after the change all have more."""
    customer = np.unique(at.customer_id, return_inverse=True)[1]
    share = rng.beta(1.5, 3.5, customer.max() + 1)[customer] + change * (at.issued > day_number(CHANGE))
    return replace(at, is_late=(rng.random(len(at)) < share) & (at.overdue_on <= at.as_of))


def test_while_nothing_changes_the_champion_seldom_falls_and_by_its_score_alone_it_would_every_other_time(at):
    rng = np.random.default_rng(1)
    fell, worse, n = 0, 0, 300
    for _ in range(n):
        world = redrawn(at, rng)
        champion = fit_forecaster(world.known_by(day_number(CHANGE)), "base_rate")
        told = refit(champion, world)
        fell += told.is_replaced
        worse += told.gain > 0
    assert fell / n <= 0.05
    assert worse / n > 0.4


def test_a_champion_whose_chances_are_off_falls(at):
    rng = np.random.default_rng(2)
    fell = 0
    for _ in range(30):
        world = redrawn(at, rng, change=0.15)
        champion = fit_forecaster(world.known_by(day_number(CHANGE)), "base_rate")
        fell += refit(champion, world).is_replaced
    assert fell >= 27


@pytest.mark.slow
def test_study_of_champions_that_fall(at):
    rng, n = np.random.default_rng(21), 400
    shares = []
    for change in (0.0, 0.15):
        told = []
        for _ in range(n):
            world = redrawn(at, rng, change=change)
            told.append(refit(fit_forecaster(world.known_by(day_number(CHANGE)), "base_rate"), world))
        shares.append((np.mean([one.is_replaced for one in told]), np.mean([one.gain > 0 for one in told])))
    print(
        "\nreplaced {:.1%} with nothing changed (by the score alone {:.1%}), {:.1%} after a change".format(
            *shares[0], shares[1][0]
        )
    )
    assert shares[0][0] <= 0.05
    assert shares[1][0] >= 0.9
