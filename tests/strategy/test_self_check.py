"""Tables that cannot be right are found out, those that are right are left alone."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import Claims, check_tables
from payseg_widgets.errors import StrategyError

ROWS = ["Cluster 1", "Cluster 2", "Cluster 3", "Total"]


def printed(**changed):
    """Return an overview as one would print it: 1,000 invoices in three clusters.

    Of 523, 300 and 177 invoices 10, 25 and 39.4 % are late: (52.3 + 75 + 69.7) / 1,000 = 19.7 %.
    """
    table = pd.DataFrame(
        {
            "invoices": [523, 300, 177, 1000],
            "share": [0.523, 0.30, 0.177, 1.0],
            "late_probability": [0.10, 0.25, 0.394, 0.197],
        },
        index=ROWS,
    )
    for column, values in changed.items():
        table[column] = values
    return Claims(
        name="overview", table=table, total="Total", probabilities=("late_probability",), shares={"share": "invoices"},
        averages={"late_probability": "invoices"}, sums=("invoices",), ledger={"invoices": 1000}, rounding=0.0005,
    )  # fmt: skip


def test_a_table_that_agrees_has_no_findings():
    assert check_tables(printed()) == ()


def test_each_mistake_of_the_published_table_is_flagged_where_it_is():
    wrong = printed(share=[0.4755, 0.3475, 0.177, 1.0], late_probability=[0.10, 11.00, 0.394, 0.21])
    places = {(finding.column, finding.row) for finding in check_tables(wrong)}
    assert places == {
        ("late_probability", "Cluster 2"),  # a probability of 11.00
        ("share", "Cluster 1"),  # 47.55 % that is 52.3 % of the listed counts
        ("share", "Cluster 2"),  # where the difference went
        ("late_probability", "Total"),  # an average its parts do not give
    }


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"late_probability": [0.10, 0.25, 0.394, 0.21]}, "late_probability, row Total: 0.2100 is told, but .* give 0.1970"),
        ({"share": [0.4755, 0.3, 0.177, 1.0]}, "share, row Cluster 1: 0.4755 is told, but 523 of 1,000 invoices is 0.5230"),
        ({"share": [0.4755, 0.3, 0.177, 1.0]}, "share: the shares add up to 0.9525, not to 1"),
        ({"late_probability": [11.00, 0.25, 0.394, 0.197]}, "late_probability, row Cluster 1: 11.00 lies outside 0 to 1"),
        ({"invoices": [523, 300, 177, 1001]}, "invoices, row Total: 1,001 is told, but the rows add up to 1,000"),
        ({"invoices": [523, 300, 178, 1001]}, "invoices: the rows add up to 1,001, the ledger to 1,000"),
        ({"late_probability": [0.10, np.nan, 0.394, 0.197]}, "late_probability, row Total: 0.1970 is told, but .* nan"),
    ],
)  # fmt: skip
def test_a_single_mistake_is_told_with_its_figures(changed, text):
    told = "\n".join(map(str, check_tables(printed(**changed))))
    assert re.search(f"overview, {text}", told), told


def test_rounding_of_print_is_no_mistake():
    assert (
        check_tables(printed(share=[0.523, 0.3, 0.1774, 1.0], late_probability=[0.10, 0.2504, 0.394, 0.1975]))
        == ()
    )


def test_rows_of_one_name_are_told_apart_by_their_place():
    table = pd.DataFrame({"n": [1, 3], "share": [0.25, 0.5]}, index=["A", "A"])
    texts = [f.text for f in check_tables(Claims(name="t", table=table, shares={"share": "n"}))]
    assert texts == ["the shares add up to 0.7500, not to 1.", "0.5000 is told, but 3 of 4 n is 0.7500."]


TABLE = pd.DataFrame(
    {"n": [1, 1], "late": [0.2, 0.4], "owed": [5, np.nan], "text": ["11 %", "20"]}, index=["A", "B"]
)
UNFIT = [
    ({"averages": {"late": "n"}}, "averages or sums without a row of all"),
    ({"sums": ("n",)}, "averages or sums without a row of all"),
    ({"sums": ("n",), "total": "all"}, "has no row 'all'"),
    ({"probabilities": ("text",)}, "'t', text: this holds what is no number"),
    ({"ledger": {"paid": 1}}, "has no column 'paid'; there are: n, late, owed, text"),
]


@pytest.mark.parametrize(("claims", "message"), UNFIT, ids=[message for _, message in UNFIT])
def test_claims_that_cannot_be_checked_are_refused(claims, message):
    with pytest.raises(StrategyError, match=message):
        Claims(name="t", table=TABLE, **claims)


def test_a_missing_figure_does_not_add_up_to_the_ledger():
    [finding] = check_tables(Claims(name="t", table=TABLE, ledger={"owed": 5}))
    assert str(finding) == "t, owed: 1 row without a figure, so nothing adds up to the ledger's 5."


def test_shares_of_nothing_are_missing():
    table = pd.DataFrame({"owed": [0, 0], "share": [np.nan, np.nan]})
    assert check_tables(Claims(name="t", table=table, shares={"share": "owed"})) == ()
    filled = table.assign(share=[0.5, 0.5])
    assert len(check_tables(Claims(name="t", table=filled, shares={"share": "owed"}))) == 2
