"""The comparison as a picture: what is drawn is what was compared, and what has no answer says why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import Rect, Span
from bokeh.models import Text as TextGlyph

from payseg_widgets import SegmentationError, UnknownNameError, compare_models, compute_features
from payseg_widgets.views.criteria import model_criteria_view
from payseg_widgets.views.merits import CALLED, merits_table, merits_view


@pytest.fixture(scope="module")
def compared(simulated):
    return compare_models(
        compute_features(simulated.ledger),
        simulated.ledger,
        models=["kmeans", "hierarchical", "hdbscan"],
        k_range=(2, 4),
    )


@pytest.fixture(scope="module")
def with_a_failure(compared):
    table = compared.table.copy()
    missing = table.columns.difference(["label", "status", "account"])
    table.loc["hdbscan", missing] = np.nan
    table.loc["hdbscan", ["status", "account"]] = ["cannot run", "No answer here: <b>too few</b>."]
    return replace(compared, table=table)


def cells(view):
    [source] = {
        r.data_source for r in view.figure.renderers if isinstance(r.glyph, Rect | TextGlyph)
    }  # figure and number from one source
    return source.data


def written(value):
    return f"{value:.2f}".removeprefix("0").removesuffix(".00") or "0"


def test_each_cell_is_the_merit_of_the_comparison_and_is_written_in(compared):
    drawn = cells(merits_view(compared))
    shown = dict(zip(zip(drawn["row"], drawn["column"], strict=True), drawn["text"], strict=True))
    for i, (_, row) in enumerate(compared.ranked().iterrows()):
        name = f"{i + 1}. {row['label']}"
        assert shown[name, CALLED["stability"]] == written(row["least_stable"])
        assert shown[name, CALLED["placed"]] == written(1 - row["share_unassigned"])
        assert shown[name, "score"] == written(row["score"])


def test_other_weights_put_another_model_on_top(compared):
    for weights in ({"balance": 1.0}, {"speed": 1.0}):
        view = merits_view(compared, weights)
        best = compared.ranked(weights).iloc[0]["label"]
        assert view.figure.y_range.factors[-1] == f"1. {best}"
        assert view.table["label"].iloc[0] == best
        assert f"{best} comes first" in view.sentence


def test_a_model_without_an_answer_has_a_row_a_status_and_its_reason(with_a_failure):
    view = merits_view(with_a_failure)
    assert view.figure.y_range.factors[0] == "3. HDBSCAN (cannot run)"
    last = view.table.iloc[-1]
    assert (last["status"], last["reason"]) == ("cannot run", "No answer here: <b>too few</b>.")
    drawn = cells(view)
    dashes = {t for row, t in zip(drawn["row"], drawn["text"], strict=True) if row.startswith("3.")}
    assert dashes == {"–"}
    assert "1 without segments" in view.sentence


def test_where_there_are_no_segments_the_sentence_begins_with_that(compared):
    nothing = replace(compared, structure="no structure", structure_sentence="There are no kinds here.")
    assert merits_view(nothing).sentence.startswith("There are no kinds here.")
    assert not merits_view(compared).sentence.startswith(compared.structure_sentence)


def test_two_models_of_one_label_have_a_row_each(compared):
    twice = replace(compared, table=compared.table.assign(label="K-means"))
    assert len(merits_view(twice).figure.y_range.factors) == len(merits_table(twice)) == 3


def test_weights_that_make_no_sense_are_refused(compared):
    with pytest.raises(UnknownNameError, match="stability"):
        merits_view(compared, {"stable": 1})
    with pytest.raises(SegmentationError, match="rank nothing"):
        merits_view(compared, {"speed": 0})


def test_the_criteria_of_a_model_are_drawn_with_the_number_chosen_marked(compared):
    view = model_criteria_view(compared, "hierarchical")
    chosen = int(compared.table.loc["hierarchical", "n_segments"])
    spans = list(view.figure.select({"type": Span}))
    assert spans
    assert {span.location for span in spans} == {chosen}
    assert view.table.set_index("n_segments")["silhouette"].equals(
        compared.criteria["hierarchical"]["silhouette"]
    )
    assert view.sentence == compared.why_k["hierarchical"]


def test_criteria_of_a_model_not_compared_are_refused(compared):
    with pytest.raises(UnknownNameError, match="spectral"):
        model_criteria_view(compared, "spectral")
