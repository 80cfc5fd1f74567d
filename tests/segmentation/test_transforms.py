from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from payseg_widgets.segmentation.transforms import WINSOR, Column, Composition, Scale, log_ratios

VALUES = arrays(float, st.integers(1, 40), elements=st.floats(-1e6, 1e6))


@given(VALUES, st.sampled_from(["days", "money", "count", "ratio", "index"]))
def test_prepared_values_are_bounded_and_keep_their_order(values, unit):
    prepared = Column.fit("x", unit, values).apply(values)
    assert (np.abs(prepared) <= WINSOR).all()
    assert (np.diff(prepared[np.argsort(values, kind="stable")]) >= -1e-9).all()


@given(arrays(float, st.integers(3, 40), elements=st.floats(0, 1e6).map(lambda x: round(x, 2))))
def test_money_in_pence_or_pounds_gives_the_same_column(values):
    pounds, pence = (Column.fit("x", "money", values * unit).apply(values * unit) for unit in (1, 100))
    np.testing.assert_allclose(pounds, pence, atol=1e-6)


def test_missing_stays_missing():
    values = np.array([1.0, np.nan, 3.0, 4.0])
    assert np.isnan(Column.fit("x", "days", values).apply(values)).tolist() == [False, True, False, False]


def test_a_feature_that_is_the_same_for_all_is_constant():
    assert Column.fit("x", "days", np.array([2.0, 2.0, np.nan])).is_constant
    assert Column.fit("x", "days", np.array([np.nan])).is_constant


def test_normal_values_are_standardised():
    values = np.random.default_rng(0).normal(10, 3, size=4000)
    prepared = Column.fit("x", "days", values).apply(values)
    assert np.median(prepared) == pytest.approx(0, abs=1e-9)
    assert prepared.std() == pytest.approx(1, abs=0.05)


def test_heavy_tails_are_drawn_in_and_mild_ones_left_alone():
    rng = np.random.default_rng(0)
    assert Column.fit("x", "days", rng.standard_cauchy(500)).form == "signed log"
    assert Column.fit("x", "days", rng.normal(size=500)).form == "linear"


def test_a_value_at_its_half_count_counts_half():
    column = Column("x", "linear", 0.0, 1.0, Scale(10.0, 2.0), half_count=8.0)
    np.testing.assert_allclose(column.apply(np.array([14.0, 14.0]), np.array([8, 24])), [1.0, 1.5])


def test_distances_of_log_ratios_are_those_of_aitchison():
    a, b = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    centred = [np.log(x) - np.log(x).mean() for x in (a, b)]
    first, second = log_ratios(np.array([a, b]))
    assert np.linalg.norm(first - second) == pytest.approx(np.linalg.norm(centred[0] - centred[1]))


def test_shares_of_nought_and_of_nothing():
    ratios = log_ratios(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [np.nan, 0.5, 0.5]]))
    assert np.isfinite(ratios[0]).all()
    assert np.isnan(ratios[1:]).all()


def test_a_composition_weighs_as_much_as_one_feature():
    shares = np.random.default_rng(1).dirichlet([2, 3, 4, 5], size=500)
    prepared = Composition.fit("ageing", tuple("abcd"), shares).apply(shares)
    assert prepared.shape == (500, 3)
    assert prepared.var(axis=0).sum() == pytest.approx(1, abs=0.01)
