"""Outside series are seen as they were known on the day before issue, whatever is published or revised later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets import join_series, simulate_ledger
from payseg_widgets.errors import ForecastError, UnknownNameError
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.compare import compare_forecasters

RATES = pd.DataFrame(
    {"period": ["2024-01-01", "2024-02-01", "2024-01-01", "2024-03-01"],
     "published_on": ["2024-02-10", "2024-03-10", "2024-03-20", "2024-04-10"],
     "rate": [1.0, 2.0, 1.5, 3.0]}
)  # fmt: skip


@pytest.fixture(scope="module")
def at():
    return features_at_issue(simulate_ledger(120, seed=5, world="realistic").ledger)


def seen_by_hand(at, series):
    """The slow way: of the rows published before each issue, the latest period, as published last."""
    days, told = at.issued.astype("datetime64[D]").astype("datetime64[ns]"), []
    rows = series.assign(**{name: pd.to_datetime(series[name]) for name in ("period", "published_on")})
    for day in days:
        known = rows[rows["published_on"] < day].sort_values(["period", "published_on"])
        told.append(known["rate"].iloc[-1] if len(known) else np.nan)
    return told


def test_an_invoice_sees_the_latest_period_published_before_its_day(at):
    joined = join_series(at, RATES, value="rate")
    assert joined.index.equals(at.frame.index)
    first = at.take(np.sort(np.unique(at.issued, return_index=True)[1]))  # one invoice a day
    np.testing.assert_array_equal(joined["rate"].loc[first.frame.index], seen_by_hand(first, RATES))
    of_day = pd.Series(joined["rate"].to_numpy(), at.issued)
    on = {day: np.datetime64(day, "D").astype(int) for day in ("2024-03-10", "2024-03-11", "2024-03-25")}
    for day, rate in (("2024-03-10", 1.0), ("2024-03-11", 2.0), ("2024-03-25", 2.0)):  # a revision of January
        assert set(of_day[of_day.index == on[day]]) <= {rate}


moves = st.lists(
    st.tuples(st.integers(0, 35), st.integers(0, 90), st.floats(-9, 9)), min_size=1, max_size=40,
    unique_by=lambda row: (row[0], row[1]),
)  # fmt: skip


@settings(max_examples=50)
@given(moves, st.integers(0, 1_000), st.randoms())
def test_what_is_published_on_or_after_the_day_of_issue_changes_nothing(at, rows, cut, random):
    begins = pd.Timestamp("2022-01-01")
    series = pd.DataFrame(
        [
            (begins + pd.DateOffset(months=m), begins + pd.DateOffset(months=m, days=lag), v)
            for m, lag, v in rows
        ],
        columns=["period", "published_on", "rate"],
    )
    day = begins + pd.Timedelta(days=cut)
    before = (at.issued <= day.to_datetime64().astype("datetime64[D]").astype(int)).nonzero()[0]
    told = join_series(at, series, value="rate").iloc[before]
    later = series["published_on"] >= day
    changed = series.assign(rate=series["rate"].where(~later, random.uniform(-99, 99)))
    pd.testing.assert_frame_equal(told, join_series(at, changed, value="rate").iloc[before])
    pd.testing.assert_frame_equal(told, join_series(at, series[~later], value="rate").iloc[before])


def test_a_series_without_days_of_publication_needs_a_delay(at):
    plain = RATES.drop(columns="published_on").drop_duplicates("period")
    with pytest.raises(ForecastError, match=r"no column 'published_on'.*published_after_days="):
        join_series(at, plain, value="rate")
    delayed = join_series(at, plain, value="rate", published_after_days=40)
    stated = plain.assign(published_on=pd.to_datetime(plain["period"]) + pd.Timedelta(days=40))
    pd.testing.assert_frame_equal(delayed, join_series(at, stated, value="rate"))


@pytest.mark.parametrize(
    ("series", "options", "said"),
    [
        (RATES, {"published_after_days": 3}, "beside the column 'published_on'"),
        (RATES.drop(columns="published_on"), {"published_after_days": -1}, "published_after_days=-1"),
        (
            RATES.assign(period=["2024-01-01", None, "soon", "2024-03-01"]),
            {},
            "2 rows of series have no date in 'period'",
        ),
        (pd.concat([RATES, RATES]), {}, "period 2024-01-01 was published twice on 2024-02-10"),
        (RATES.assign(rate="high"), {}, "no figures: rate"),
    ],
)
def test_what_cannot_be_joined_says_why(at, series, options, said):
    with pytest.raises(ForecastError, match=said):
        join_series(at, series, value="rate", **options)


def test_a_column_that_is_not_there_is_named(at):
    with pytest.raises(UnknownNameError, match=r"'rates'.*'rate'"):
        join_series(at, RATES, value="rates")


def test_the_figures_take_part_in_a_comparison(at):
    compared = compare_forecasters(at, ["logistic"], extra=join_series(at, RATES, value="rate"))
    assert "logistic" in compared.table.index
