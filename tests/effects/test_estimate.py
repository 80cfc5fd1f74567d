"""What a report says, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from payseg_widgets import read_ledger, simulate_ledger
from payseg_widgets.effects.estimate import STEPS, estimate_effects
from payseg_widgets.errors import Cancelled, EffectError, UnknownNameError
from tests.effects.worlds import draw, table_of, who


@pytest.fixture(scope="module")
def far():
    """Three groups, 30 days apart, and a few of whom the region is not known."""
    rng = np.random.default_rng(1)
    groups = rng.permutation(np.repeat([0, 1, 2, 3], [40, 40, 40, 3]))
    counts, delays = draw(rng, groups, [0, 30, 60, 10], base=5, counts=15)
    people = who(groups)
    people["region"] = people["region"].replace("G03", None)
    people["sector"] = rng.choice(["S1", "S2"], len(groups))
    return table_of(counts, delays, rng), people


def test_differences_are_told_the_largest_first_with_what_they_rest_on(far):
    report = estimate_effects(*far, adjust_for=("sector",))
    first = report.sentences[0]
    assert first.startswith("Customers with region G02 pay ")
    assert " days later than those with region G00 (95% " in first
    assert first.endswith("; 80 customers; adjusted for sector).")
    assert len(report.sentences) == 3  # those with the unknown region are too few to speak of
    ranks = report.groups.set_index("group")[["rank_low", "rank_high"]]
    assert ranks.loc["G02"].tolist() in (
        [4, 4],
        [3, 4],
    )  # "unknown" has three customers and may stand anywhere
    assert ranks.loc["G00", "rank_high"] < ranks.loc["G02", "rank_low"]
    told = report.contrast("G02", "G00")
    assert told["estimate"] == pytest.approx(60, abs=8)
    assert report.contrast("G00", "G02")["estimate"] == pytest.approx(-told["estimate"])
    assert report.groups["n_customers"].tolist() == [40, 40, 40, 3]


def test_raw_is_adjusted_and_what_the_adjustments_remove(far):
    payments, people = far
    people = people.assign(years=np.arange(len(people)) % 17)
    report = estimate_effects(payments, people, adjust_for=("sector", "years"))
    removed = report.removed.groupby(["first", "second"])["difference"].sum()
    made = report.contrasts.set_index(["first", "second"])
    np.testing.assert_allclose(made["raw"] - made["estimate"], removed.reindex(made.index), atol=1e-9)


def test_where_nothing_can_be_shown_it_says_what_could_have_been():
    rng = np.random.default_rng(3)
    groups = np.repeat([0, 1], 30)
    report = estimate_effects(table_of(*draw(rng, groups, [0, 0]), rng), who(groups), adjust_for=())
    [said] = report.sentences
    least = report.contrasts["detectable"].iloc[0]
    assert said == (
        f"No difference by region in “Days late” can be shown; one of at least {least:.1f} days, depending on the pair, would "
        "probably have been."
    )


def test_whoever_pulls_most_is_named_and_left_out_for_comparison():
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1], 20)
    counts, delays = draw(rng, groups, [0, 0], counts=np.where(np.arange(40) == 30, 2_000, 10), between=3)
    owner = np.repeat(np.arange(40), counts)
    delays = np.where(owner == 30, delays + 60, delays)
    report = estimate_effects(table_of(counts, delays, rng), who(groups), adjust_for=())
    told = report.contrast("G01", "G00")
    assert told["strongest"] == "C00030"
    assert told["without_strongest"] == pytest.approx(0, abs=4)
    row = report.dominating.set_index("group").loc["G01"]
    assert row["customer_id"] == "C00030"
    assert row["share_of_invoices"] > 0.85
    assert row["by_invoice"] - row["by_invoice_without"] > 40  # the wrong way hangs on one customer
    assert abs(row["by_customer"] - row["by_invoice_without"]) < 8


def test_order_of_customers_and_of_columns_changes_nothing(far):
    payments, people = far
    report = estimate_effects(payments, people, adjust_for=("sector", "size"))
    mixed = people.sample(frac=1, random_state=1).set_index("customer_id")[["sector", "region"]]
    again = estimate_effects(payments, mixed, adjust_for=("sector", "size"))
    pd.testing.assert_frame_equal(report.contrasts, again.contrasts)


def test_a_ledger_tells_by_its_own_columns():
    ledger = simulate_ledger(150, seed=2).ledger
    report = estimate_effects(ledger, by="sector", outcome="late_ratio")
    assert report.adjusted_for == ("region", "size")
    assert "Not adjusted for, as it is the same for everybody: terms." in report.notes
    assert set(report.groups["group"]) == set(ledger.customers["sector"])
    assert repr(report).startswith("EffectReport(late_ratio by sector: ")
    assert set(report.years["year"]) <= {2022, 2023, 2024}


def test_only_those_asked_for_are_compared_as_if_there_were_no_others(far):
    payments, people = far
    ids = payments.frame.index
    chosen = people.set_index("customer_id")["region"].isin(["G00", "G01"]).reindex(ids)
    report = estimate_effects(payments, people, adjust_for=("sector",), only=chosen)
    assert report.groups["group"].tolist() == ["G00", "G01"]
    assert report.groups["n_customers"].sum() == chosen.sum() == len(report.customers)
    assert f"Only {chosen.sum()} of {len(ids)} customers are compared, as asked." in report.notes
    by_ids = estimate_effects(payments, people, adjust_for=("sector",), only=list(ids[chosen]))
    pd.testing.assert_frame_equal(report.contrasts, by_ids.contrasts)
    with pytest.raises(EffectError, match="only= names 1 customers, none of the 123"):
        estimate_effects(payments, people, only=["nobody"])


def test_customers_are_listed_with_what_was_measured_on_them(far):
    payments, people = far
    report = estimate_effects(payments, people, adjust_for=())
    own = report.customers
    assert own["group"].eq(people.set_index("customer_id")["region"].fillna("unknown").loc[own.index]).all()
    late, groups = payments.invoices.days_late, payments.invoices.by_customer
    mature = payments.invoices.is_due_for(120)
    k = payments.frame.index.get_loc(own.index[7])
    rows = np.arange(groups.start[k], groups.start[k + 1])
    rows = rows[mature[rows]]
    assert own["n_invoices"].iloc[7] == len(rows)
    assert own["value"].iloc[7] == pytest.approx(np.minimum(late[rows], 120).mean())


def test_what_is_told_of_a_group_names_whom_it_hangs_on():
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1], 20)
    counts, delays = draw(rng, groups, [0, 60], counts=np.where(np.arange(40) == 30, 500, 10), between=3)
    report = estimate_effects(table_of(counts, delays, rng), who(groups), adjust_for=())
    told = report.about("G01")
    assert told[0].startswith("20 customers, ")
    assert told[1].startswith("Customer C00030 has 7")
    assert "an average over invoices reads " in told[1]
    assert told[2].startswith(report.sentences[0])
    assert " Without customer C" in told[2]
    assert not any("C000" in text for text in report.about("G01", ids=False))
    with pytest.raises(KeyError, match="'G07' is no group; there are: G00, G01"):
        report.about("G07")
    with pytest.raises(KeyError, match="not compared with itself"):
        report.contrast("G01", "G01")


@pytest.mark.parametrize(
    ("outcome", "unit", "label", "gap", "says", "nothing"),
    [
        ("days_late", "days", "Days late", 8.04, "pay 8.0 days later than those with region A", "one of at least 5.0 days"),
        ("late_ratio", "points", "Invoices paid late", 12.0, "pay 12.0 more of a hundred invoices late than those",
         "one of at least 5.0 of a hundred invoices"),
        ("spread", "log", "Unpredictability", np.log(1.5), "their delays vary 1.50 times as much",
         "one by a factor of at least 148.41,"),
        ("trend", "days a year", "Change of days late", 3.0, "later, beside those with region A, by 3.0 days with each year",
         "one of at least 5.0 days a year"),
        ("part_payment_ratio", "ratio", "Paid in parts", 0.071, "are 7.1 percentage points higher in “Paid in parts” than",
         "one of at least 500.0 percentage points"),
        ("outstanding", "GBP", "Outstanding", 12_500.0, "are 12,500.0 GBP higher in “Outstanding” than",
         "one of at least 5.0 GBP"),
    ],
)  # fmt: skip
def test_each_outcome_is_said_in_its_own_words(far, outcome, unit, label, gap, says, nothing):
    made = estimate_effects(*far, adjust_for=())
    row = made.contrasts.iloc[:1].assign(
        first="B", second="A", estimate=gap, conf_low=gap / 2, conf_high=2 * gap, detectable=5.0
    )
    report = replace(made, contrasts=row, outcome=outcome, unit=unit, label=label)
    [said] = report.sentences
    assert says in said
    turned = replace(report, contrasts=row.assign(is_shown=False))
    assert f"in “{label}” can be shown; {nothing}" in turned.sentences[0]


def test_progress_is_told_step_by_step_and_it_can_be_stopped_between():
    steps = []

    class Stop:
        def is_set(self):
            return len(steps) == 3

    with pytest.raises(Cancelled, match="stopped before comparing all pairs"):
        estimate_effects(
            small(), who(GROUPS), adjust_for=(), progress=lambda *told: steps.append(told), cancel=Stop()
        )
    assert steps == [(name, k, len(STEPS)) for k, name in enumerate(STEPS[:3])]
    steps.clear()
    estimate_effects(small(), who(GROUPS), adjust_for=(), progress=lambda *told: steps.append(told))
    assert [done for _, done, _ in steps] == list(range(len(STEPS)))


GROUPS = np.repeat([0, 1], 20)


def small(**options):
    rng = np.random.default_rng(1)
    return table_of(*draw(rng, GROUPS, [0, 0]), rng, **options)


@pytest.mark.parametrize(
    ("people", "options", "says"),
    [
        (who(np.zeros(40, int)), {}, "one group only, 'G00'"),
        (who(GROUPS).assign(region=None), {}, "known for none of 40 customers"),
        (who(GROUPS), {"by": "planet"}, "by='planet' is no column; there are: region, size, terms"),
        (who(GROUPS), {"adjust_for": ("planet",)}, "adjust_for='planet' is no column"),
        (who(GROUPS), {"adjust_for": "size"}, r"give names in brackets: \('size',\)"),
        (who(GROUPS), {"adjust_for": ("region",)}, "cannot be adjusted for itself"),
        (who(GROUPS, twin=[f"T{g}" for g in GROUPS]), {"adjust_for": ("twin",)}, "'twin' says the same as 'region'"),
        (who(GROUPS, region_probability=1.5), {}, r"probability of a region is 1\.5"),
        (who(GROUPS), {"horizon_days": 5_000}, "known of none of 40 customers"),
        (who(GROUPS), {"horizon_days": 0}, "horizon_days=0 must be 1 or more"),
        (who(GROUPS), {"level": 95}, "level=95 is no level"),
        (pd.concat([who(GROUPS)] * 2), {}, "40 customers stand more than once"),
        (who(GROUPS).assign(customer_id="X"), {}, "stand more than once"),
        (who(GROUPS).assign(customer_id=[f"X{k}" for k in range(40)]), {}, "none of the ledger's customers"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(people, options, says):
    with pytest.raises(EffectError, match=says):
        estimate_effects(small(), people, **{"adjust_for": (), **options})


def test_an_unknown_outcome_is_said_with_those_there_are():
    with pytest.raises(UnknownNameError, match="days_late"):
        estimate_effects(small(), who(GROUPS), outcome="days_lat")


def test_what_is_the_same_for_everybody_is_refused_or_not_adjusted_for():
    rng = np.random.default_rng(1)
    payments = table_of(np.full(40, 5), np.full(200, 7.0), rng)
    with pytest.raises(EffectError, match="days late is 7 for each of 40 customers"):
        estimate_effects(payments, who(GROUPS), adjust_for=())
    report = estimate_effects(small(), who(GROUPS), adjust_for=("terms",))
    assert report.adjusted_for == ()
    assert report.notes == ("Not adjusted for, as it is the same for everybody: terms.",)


def test_negative_terms_and_missing_figures_are_no_figures():
    terms = np.where(np.arange(40) < 4, -10, 30 + np.arange(40) % 3)
    report = estimate_effects(
        small(terms=terms),
        who(GROUPS, age=np.where(np.arange(40) % 2, np.nan, 5.0)),
        adjust_for=("terms", "age"),
    )
    assert np.isfinite(report.contrasts.select_dtypes("number").to_numpy()).all()
    assert report.adjusted_for == ("terms", "age")


def test_a_group_of_one_customer_has_figures_and_no_sentence():
    rng = np.random.default_rng(2)
    groups = np.append(GROUPS, 2)
    counts, delays = draw(rng, groups, [0, 0, 90], base=5)
    report = estimate_effects(table_of(counts, delays, rng), who(groups), adjust_for=())
    told = report.contrast("G02", "G00")
    assert np.isfinite([told["conf_low"], told["conf_high"]]).all()
    assert told["estimate"] > 60
    assert not any("G02" in said for said in report.sentences)


def test_on_real_invoices_a_difference_by_country_is_not_claimed(real_data):
    file = real_data / "ibm_ar" / "accounts_receivable.csv"
    raw = pd.read_csv(file)
    by_invoice = [rows["DaysLate"] for _, rows in raw.groupby("countryCode")]
    assert stats.f_oneway(*by_invoice).pvalue < 1e-10  # each invoice as if it stood for itself
    country = raw.groupby("customerID")["countryCode"].first().astype(str).rename("country")
    customers = country.rename_axis("customer_id").to_frame()
    report = estimate_effects(read_ledger(file), customers, by="country", adjust_for=(), horizon_days=60)
    assert report.shown.empty
    assert report.sentences[0].startswith(
        "No difference by country in “Days late” can be shown; one of at least "
    )
