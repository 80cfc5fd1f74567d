"""`FeatureSelector` with messages made by hand: what the page may ask, what Python tells it."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
import traitlets

from payseg_widgets import FeatureError, FeatureSelector, UnknownNameError
from payseg_widgets.features.presets import RECOMMENDED, TEN_AR_FEATURES
from tests.feature_tables import measure, table_of

EVIL = "<script>window.hacked=1</script>"
NAN, INF = float("nan"), float("inf")


class Selector(FeatureSelector):
    """A selector that keeps what it sends."""

    def __init__(self, *arguments, **options):
        self.sent = []
        super().__init__(*arguments, **options)
        self.sent.clear()

    def send(self, content, buffers=None):
        self.sent.append(content)

    def send_state(self, key=None):
        self.sent.append({"state": self.get_state(key)})


def told(widget, **state):
    """Deliver a change as the comm of a page does."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


@pytest.fixture
def table():
    x = np.arange(30.0)
    return table_of({"delay": x, "share": x[::-1] / 30, "noise": np.random.default_rng(0).random(30)})


def test_the_page_chooses_by_place_and_python_hears_names_once(table):
    selector = Selector(table, features=["delay"])
    heard = []
    selector.observe(lambda change: heard.append((change.old, change.new)), "features")
    told(selector, features=[0, 2])
    assert selector.features == ("delay", "noise")
    assert heard == [(("delay",), ("delay", "noise"))]
    assert selector.sent == []


def test_what_python_chooses_is_sent_as_places(table):
    selector = Selector(table)
    selector.features = ["noise", "delay"]
    assert selector.features == ("noise", "delay")
    assert selector.get_state("features") == {"features": [2, 0]}
    assert selector.sent == [{"state": {"features": [2, 0]}}]


@pytest.mark.parametrize("places", [[], [3], [-1], [0, 0], ["delay"], [True]])
def test_a_choice_the_page_should_not_make_is_refused_explained_and_put_right(table, loud_callbacks, places):
    selector = Selector(table, features=["delay"])
    told(selector, features=places)
    error = loud_callbacks.pop()
    assert isinstance(error, FeatureError)
    assert selector.features == ("delay",)
    assert selector.sent == [{"kind": "error", "text": str(error)}, {"state": {"features": [0]}}]


def test_an_unknown_name_is_refused_with_what_was_meant_and_the_choice_stays(table):
    selector = FeatureSelector(table, features=["delay"])
    with pytest.raises(UnknownNameError, match="Did you mean 'noise'"):
        selector.features = ("delay", "noize")
    assert selector.features == ("delay",)
    with pytest.raises(UnknownNameError, match="noize"):
        FeatureSelector(table, features=["noize"])


def test_links_carry_the_choice_both_ways(table):
    first, second = FeatureSelector(table, features=["delay"]), FeatureSelector(table, features=["noise"])
    traitlets.link((first, "features"), (second, "features"))
    assert second.features == ("delay",)
    told(second, features=[2, 1])
    assert first.features == ("noise", "share")


def test_chosen_features_that_say_the_same_are_warned_of(table):
    selector = FeatureSelector(table, features=["delay", "noise"])
    assert selector.warnings == ()
    selector.features = ["delay", "share"]
    assert selector.warnings == ("delay and share say the same (ρ = -1.00).",)
    assert selector.get_state("_twins") == {"_twins": [[0, 1, -1.0]]}


def test_the_code_repeats_the_choice(table):
    selector = FeatureSelector(table, features=["noise", "delay"])
    names = {"features": table}
    exec(selector.to_code(), names)
    assert names["selector"].features == ("noise", "delay")
    assert names["names"] == ["noise", "delay"]


def test_the_recommended_features_are_chosen_at_first_and_the_presets_are_those_of_the_core(study):
    selector = FeatureSelector(study.features)
    assert selector.features == RECOMMENDED
    names = list(study.features.frame)
    presets = {label: tuple(names[i] for i in places) for label, places in selector._presets}
    assert presets == {
        "Recommended": RECOMMENDED,
        "The ten AR features": TEN_AR_FEATURES,
        "All": tuple(names),
    }


@pytest.mark.parametrize(
    "columns",
    [
        {"a": []}, {"a": [1.0]}, {"a": [NAN, NAN], "b": [INF, -INF], "c": [2.0, 2.0]}, {"x" * 1_000_000: [1.0, 2.0]},
        {"a": [1e308, -1e308], "b": [5e-324, 0.0]},
    ],
    ids=["no rows", "one customer", "nothing known", "long name", "extremes"],
)  # fmt: skip
def test_any_table_is_shown_in_valid_json_of_readable_size(columns):
    selector = FeatureSelector(table_of(columns))
    state = selector.get_state()
    sent = json.dumps({key: state[key] for key in state if key not in ("_esm", "_css")}, allow_nan=False)
    assert len(sent) < 10_000
    assert len(state["_rows"]) == len(columns)
    assert len(repr(selector)) <= 110
    assert "customers=" in repr(selector)


def test_a_table_of_something_else_or_without_features_is_refused():
    with pytest.raises(FeatureError, match="not from a dict"):
        FeatureSelector({})
    with pytest.raises(FeatureError, match="no features"):
        FeatureSelector(table_of({}))


def test_where_no_widget_can_be_there_is_a_table_without_live_markup():
    table = table_of({EVIL: [1.0, 2.0]}, measure(EVIL, EVIL, meaning=EVIL))
    html = FeatureSelector(table)._repr_mimebundle_()[0]["text/html"]
    assert "<script" not in html
    assert html.count("<tr") == 2
    assert "1 of 1 features are chosen." in html


def test_no_customer_is_named_in_what_is_sent_or_printed(study):
    selector = FeatureSelector(study.features)
    everything = json.dumps(selector.get_state()) + repr(selector) + str(selector._repr_mimebundle_())
    assert not [c for c in study.features.frame.index if c in everything]


def test_the_page_s_half_searches_sorts_and_warns(tmp_path, node):
    module = tmp_path / "selector.mjs"
    module.write_text(FeatureSelector._esm + "\nexport { matching, grouped, warningsOf };\n")
    check = tmp_path / "check.mjs"
    check.write_text("""
import assert from "node:assert";
import { matching, grouped, warningsOf } from "./selector.mjs";
const row = (name, label, kind, reliability, share) =>
  ({ name, label, kind, reliability, share, meaning: "Says how " + label });
const rows = [row("late_ratio", "Paid late", "Shares", 0.5, 0.2), row("dso", "DSO", "Days", null, null),
  row("mean_days_late", "Mean delay", "Days", 0.9, 0)];
const names = (found) => found.map((r) => r.i);
assert.deepEqual(names(matching(rows, "")), [0, 1, 2]);
assert.deepEqual(names(matching(rows, "  LATE ")), [0, 2]);
assert.deepEqual(names(matching(rows, "days late")), [2]);
assert.deepEqual(names(matching(rows, "says dso")), [1]);
assert.deepEqual(names(matching(rows, ".*")), []);
const order = (by) => grouped(matching(rows, ""), by).map(([heading, members]) => [heading, names(members)]);
assert.deepEqual(order("kind"), [["Shares", [0]], ["Days", [1, 2]]]);
assert.deepEqual(order("name"), [["", [1, 2, 0]]]);
assert.deepEqual(order("reliability"), [["", [2, 0, 1]]]);
assert.deepEqual(order("missing"), [["", [2, 0, 1]]]);
const said = warningsOf(rows, [[0, 2, -0.95], [0, 1, 0.9]], new Set([0, 2]));
assert.deepEqual(said, ["Paid late and Mean delay say the same (ρ = -0.95)."]);
const many = Array.from({ length: 7 }, () => [0, 1, 0.91]);
assert.equal(warningsOf(rows, many, new Set([0, 1])).at(-1), "… and 2 more pairs.");
""")
    subprocess.run([node, check], check=True, timeout=60)
