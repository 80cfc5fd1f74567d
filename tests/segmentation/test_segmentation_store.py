from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.codec import decode, encode
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.segmentation.store import load_segmentation, save_segmentation

NAMES = ["mean_days_late", "on_time_ratio", "payment_consistency", "total_invoiced"]


@pytest.fixture(scope="module")
def made(four_kinds):
    return segment(four_kinds[0], names=NAMES)


@pytest.fixture
def folder(made, tmp_path):
    return save_segmentation(made, tmp_path / "segments")


def test_what_is_loaded_is_what_was_saved(made, folder):
    again = load_segmentation(folder)
    for name in ("labels_", "probabilities_"):
        pd.testing.assert_series_equal(getattr(again, name), getattr(made, name))
    for name in ("criteria", "attempts", "coordinates", "lineage"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(made, name))
    assert again.coordinates.attrs == made.coordinates.attrs
    for name in ("model", "features", "why_k", "notes", "seed"):
        assert getattr(again, name) == getattr(made, name)
    assert again.gate == made.gate
    for old, new in zip(made.cards, again.cards, strict=True):
        pd.testing.assert_frame_equal(new.profile, old.profile)
        assert replace(new, profile=None) == replace(old, profile=None)
    pd.testing.assert_series_equal(
        again.quality["stability_by_segment"], made.quality["stability_by_segment"]
    )
    assert again.quality["structure"] == made.quality["structure"]
    assert again.provenance["seed"] == made.provenance["seed"]


def test_new_customers_are_placed_as_before(four_kinds, made, folder):
    new = replace(four_kinds[0], frame=four_kinds[0].frame.sample(frac=0.5, random_state=1) * 1.07)
    pd.testing.assert_frame_equal(load_segmentation(folder).assign(new), made.assign(new))


def test_a_segmentation_carries_on_from_a_file(four_kinds, made, folder):
    again = segment(four_kinds[0], names=NAMES, compare=False, previous=load_segmentation(folder))
    pd.testing.assert_series_equal(again.labels_, made.labels_)
    assert (again.lineage["event"] == "continued").all()
    saved = save_segmentation(again, folder)  # replaces
    pd.testing.assert_frame_equal(load_segmentation(saved).lineage, again.lineage)


def test_no_file_can_be_executed(folder):
    assert {path.suffix for path in folder.iterdir()} == {".json", ".npz", ".parquet"}
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        assert all(array.dtype != object for array in arrays.values())


def test_a_pickle_in_place_of_the_arrays_is_refused(folder):
    (folder / "arrays.npz").write_bytes(pickle.dumps({"placement": np.arange(3)}))
    with pytest.raises(SegmentationError, match=r"is damaged .* make the segments again"):
        load_segmentation(folder)


@pytest.mark.parametrize("name", ["arrays.npz", "customers.parquet", "profiles.parquet"])
def test_a_missing_or_cut_file_says_what_to_do(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:100])
    with pytest.raises(SegmentationError, match="damaged"):
        load_segmentation(folder)
    (folder / name).unlink()
    with pytest.raises(SegmentationError, match="Save it again"):
        load_segmentation(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 0}, "version 0 of the format.*if it is older, make the segments again"),
        ({"version": 4}, "version 4 of the format.*Update payseg_widgets"),
        ({"format": "payseg_widgets ledger"}, "is not of a segmentation"),
    ],
)
def test_a_file_of_another_version_or_kind_says_what_to_do(folder, change, message):
    about = json.loads((folder / "segmentation.json").read_text(encoding="utf-8"))
    (folder / "segmentation.json").write_text(json.dumps({**about, **change}), encoding="utf-8")
    with pytest.raises(SegmentationError, match=message):
        load_segmentation(folder)


def test_a_type_nobody_knows_is_refused(folder):
    path = folder / "segmentation.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"CentroidModel"', '"Popen"'), encoding="utf-8")
    with pytest.raises(SegmentationError, match="'Popen', which this version does not know"):
        load_segmentation(folder)


def test_a_folder_without_a_segmentation_or_with_half_a_file_is_said(tmp_path, folder):
    with pytest.raises(SegmentationError, match="no segmentation in"):
        load_segmentation(tmp_path)
    (folder / "segmentation.json").write_text("{", encoding="utf-8")
    with pytest.raises(SegmentationError, match="cannot be read"):
        load_segmentation(folder)


def test_a_folder_that_cannot_be_made_is_an_error_with_a_next_step(made, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SegmentationError, match="Give another folder"):
        save_segmentation(made, tmp_path / "file" / "segments")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_plain_values_come_back_from_json_as_they_were(value):
    again = decode(json.loads(json.dumps(encode(value, {}), allow_nan=False)), {})
    assert repr(again) == repr(value)  # repr, as NaN is not itself


@given(hnp.arrays(st.sampled_from([np.float64, np.int64, np.bool_]), hnp.array_shapes()))
def test_arrays_are_kept_beside_the_json(array):
    arrays = {}
    again = decode(json.loads(json.dumps(encode((array, "text"), arrays))), arrays)
    np.testing.assert_array_equal(again[0], array)
    assert again[1] == "text"


@dataclass
class Stranger:
    """No part of this package."""

    x: int


@pytest.mark.parametrize("value", [{1}, Stranger(1), np.array([None]), {1: 2}, print])
def test_what_is_no_plain_data_is_refused_with_its_place(value):
    with pytest.raises(SegmentationError, match=r"fitted\.part is a .*, which cannot be saved"):
        encode({"part": value}, {}, "fitted")
