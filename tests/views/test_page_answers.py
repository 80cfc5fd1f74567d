"""The page's own modules against Python on the same data: conditions, what was brushed, what the selected have in common."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.views.brush_values import EXACT_AT_MOST, ValueColumn
from payseg_widgets.views.contrast import describe_selection, selection_money
from payseg_widgets.views.selection import Selection, box, lasso
from tests.views.selection.selection_strategies import SELECTIONS, TABLES

NUMBERS = ["late_ratio", "mean_days_late", "in", "odd `name`\n", "kind"]
AXES = BrushAxis("late_ratio", "Late", "ratio"), BrushAxis("mean_days_late", "Days", "days")
MODES = ["replace", "add", "subtract", "intersect", "xor"]
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
pages = settings(shared, max_examples=40)


@pytest.fixture(scope="module")
def page(node):
    """A function that asks the page's modules, run by node."""
    script = Path(__file__).parent / "js" / "answers.mjs"
    with subprocess.Popen(
        [node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:

        def ask(kind, **given):
            process.stdin.write(json.dumps({"ask": kind, **given}) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


def opened(page, brush):
    page("page", spec=dict(brush.spec), buffers=[base64.b64encode(part).decode() for part in brush.buffers])


@st.composite
def tables(draw):
    """A page's table: numbers, and texts for segments of which C is none of the page's."""
    table = draw(TABLES)
    return table.rename(columns={"segment": "kind", "region": "segment"})


def brush_of(table):
    axes = [(AXES[0], AXES[1])]
    ids = table.index.to_list()
    return brush_view(table, pictures=axes, segments=["A", "B"], ids=ids, values=table[NUMBERS])


def written(selection):
    return str(selection).replace("segment", "kind").replace("region", "segment")


def python_says(text, table=None):
    """Return what the page's answer must be: the flags, nothing for a text that is only read, or the place of a mistake."""
    try:
        selection = Selection.parse(text)
        return {"found": None if table is None else selection.apply(table).astype(int).tolist()}
    except SelectionError as error:
        return {"position": error.position}


def told(answer):
    return {key: value for key, value in answer.items() if key != "wrong"}


@pages
@given(table=tables(), selections=st.lists(SELECTIONS, min_size=1, max_size=12))
def test_a_condition_selects_the_same_customers_in_the_page_and_in_python(page, table, selections):
    opened(page, brush_of(table))
    for text in map(written, selections):
        answer = page("apply", text=text)
        # near an edge of a log axis the page refuses to guess
        assert told(answer) == python_says(text, table) or "only Python tells apart" in answer["wrong"], text


ODD = [
    "",
    " ",
    "'",
    '"',
    "`",
    "\\",
    "(",
    ")",
    ",",
    "=",
    "<",
    "not ",
    "and",
    "in",
    "e",
    "%",
    "1e999",
    "é",
    "\u2028",
]


@shared
@given(selection=SELECTIONS, at=st.integers(0, 60), cut=st.integers(0, 3), put=st.sampled_from(ODD))
def test_a_text_that_python_refuses_is_refused_at_the_same_place(page, selection, at, cut, put):
    text = str(selection)
    broken = text[:at] + put + text[at + cut :]
    assert told(page("parse", text=broken)) == python_says(broken), broken


@pytest.mark.parametrize(
    "text",
    ["(" * 101 + "a > 1" + ")" * 101, "not (" * 60 + "a > 1 and b > 1" + ")" * 60, "", "a", "`` > 1", "customer_id > 1",
     "3 < customer_id", "5 < a < 3", "5 < a > 3", "a in (1, 'x')", "a < 'x'", 'a == "\\ud800"', 'a == "\\ud83d\\ude00"',
     "lasso(a linear(0, 1, 0), b linear(0, 1, 5), (0 0, 1 1, 2 0))", "lasso(a log(0, 1, 5), b linear(0, 1, 5), (0 0, 1 1, 2 0))",
     "lasso(a linear(1, 1.0000000000000002, 5), b linear(0, 1, 5), (0 0, 1 1, 2 0))", "a > 1e400",
     "lasso(a linear(0, 1, 5), b linear(0, 1, 5), (0 0, 1 1))",
     "lasso(a linear(0, 1, 5), b linear(0, 1, 5), (0 0, 131072 1, 1 1))",
     "NOT a IS NOT Missing", "a not between 1 and 2 or nothing", "a is not", "a > +.5% & b < 1.e3"],
)  # fmt: skip
def test_the_corners_of_the_language_are_read_alike(page, text):
    assert told(page("parse", text=text)) == python_says(text)


def random_customers(rng, n):
    late = rng.normal(10, 15, n).round(int(rng.integers(0, 4)))
    late[rng.random(n) < 0.1] = np.nan
    money = np.exp(rng.normal(8, 2, n))
    table = {"late_ratio": rng.beta(1, 2, n), "mean_days_late": late, "total_invoiced": money}
    table |= {
        "outstanding": np.where(rng.random(n) < 0.3, np.nan, money / 3),
        "overdue": rng.integers(0, 3, n),
    }
    return pd.DataFrame(table | {"none": np.nan, "segment": rng.choice(["A", "B", "odd"], n)})


MONEY = BrushAxis("total_invoiced", "Invoiced", "money", "log")
COLUMNS = ["late_ratio", "mean_days_late", "total_invoiced", "outstanding", "overdue", "none"]
MEASURES = [ValueColumn(name, name) for name in COLUMNS]


@pytest.mark.parametrize("seed", range(6))
def test_what_the_selected_have_in_common_is_what_python_says(page, seed):
    rng = np.random.default_rng(seed)
    table = random_customers(rng, int(rng.integers(2, 3000)))
    brush = brush_view(
        table, pictures=[(AXES[0], MONEY)], segments=["A", "B"], values=table.drop(columns="segment")
    )
    opened(page, brush)
    flags = rng.random(len(table)) < [0.02, 0.5, 0.98][seed % 3]
    flags[0], flags[1] = True, False
    found = page("card", flags=flags.astype(int).tolist())["found"]
    expected = describe_selection(table, flags, MEASURES)
    assert len(found["rows"]) == len(expected)
    for name, delta, median, rest, size, n, n_rest in found["rows"]:
        row = expected.loc[name]
        seen = [np.nan if v is None else v for v in (delta, median, rest)]
        assert seen[0] == pytest.approx(row["effect"], abs=1e-12, nan_ok=True)
        assert seen[1:] == pytest.approx(
            [row["median_selected"], row["median_rest"]], rel=0, abs=0, nan_ok=True
        )
        assert [size, n, n_rest] == [row["size"], row["n_selected"], row["n_rest"]]
    strengths = [-1 if delta is None else abs(delta) for _, delta, *_ in found["rows"]]
    assert strengths == sorted(strengths, reverse=True)
    for kind, selected, total in found["money"]:
        sums = selection_money(table, flags).loc[kind]
        assert [selected, total] == pytest.approx([sums["selected"], sums["total"]], rel=1e-9, abs=1e-6)
    of = {name: (table["segment"] == name).to_numpy() for name in "AB"}
    counts = [[name, int((flags & there).sum()), int(there.sum())] for name, there in of.items()]
    assert found["segments"][:2] == counts


def test_cells_compare_like_their_middles(page):
    table = random_customers(np.random.default_rng(7), 4000)
    brush = brush_view(table, pictures=[(AXES[0], MONEY), (AXES[1], MONEY)], segments=["A", "B"])
    opened(page, brush)
    flags = table["late_ratio"].to_numpy() > 0.5
    middles = pd.DataFrame(index=table.index)
    for name, grid in brush.grids.items():
        codes = grid.encode(table[name])
        at = (np.append(codes[codes < 65_535], 0) + 0.5) / 65_535
        ends = (np.log(grid.low), np.log(grid.high)) if grid.scale == "log" else (grid.low, grid.high)
        values = ends[0] + at * (ends[1] - ends[0])
        middles[name] = np.nan
        middles.loc[codes < 65_535, name] = (np.exp(values) if grid.scale == "log" else values)[:-1]
    expected = describe_selection(middles, flags, MEASURES[:3])
    rows = page("card", flags=flags.astype(int).tolist())["found"]["rows"]
    assert {row[0] for row in rows} == set(expected.index)
    for name, *seen in rows:
        row = expected.loc[name, ["effect", "median_selected", "median_rest"]]
        assert seen[:3] == pytest.approx(row.tolist(), rel=1e-9)


TYPED = ["overdue > 1 or mean_days_late is missing", 'customer_id in ("3", "77")', "not overdue == 0"]


@pages
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_what_was_brushed_is_written_as_the_condition_that_repeats_it(page, data, seed):
    rng = np.random.default_rng(seed)
    table = random_customers(rng, 300)
    pictures = [(AXES[0], MONEY), (AXES[1], MONEY)]
    brush = brush_view(
        table,
        pictures=pictures,
        segments=["A", "B"],
        values=table[["overdue"]],
        ids=list(map(str, table.index)),
    )
    opened(page, brush)
    steps = []
    for kind in data.draw(
        st.lists(st.sampled_from(["box", "lasso", "segment", "typed", "all"]), min_size=1, max_size=4)
    ):
        x, y = rng.choice(list(brush.grids), 2, replace=False).tolist()
        step = {"kind": kind, "x": x, "y": y, "geometry": None, "mode": data.draw(st.sampled_from(MODES))}
        if kind == "box":
            (i0, j0), (i1, j1) = np.sort(rng.integers(0, 65_535, (2, 2)), axis=0).tolist()
            step["geometry"] = [i0, i1, j0, j1]
        elif kind == "lasso":
            step["geometry"] = rng.integers(-9_000, 75_000, (6, 2)).tolist()
        elif kind == "segment":
            step["geometry"] = data.draw(st.sampled_from([0, 1, 255]))
        elif kind == "typed":
            text = data.draw(st.sampled_from(TYPED))
            flags = Selection.parse(text).apply(table).to_numpy()
            bits = list(np.packbits(flags, bitorder="little").tobytes())
            step |= {"kind": "mask", "geometry": bits, "text": text}
        steps.append(step)
    found = page("steps", steps=steps)["found"]
    assert Selection.parse(found["text"]).apply(table).astype(int).tolist() == found["flags"]
    assert page("apply", text=found["text"])["found"] == found["flags"]
    assert brush.selection(steps).apply(table).astype(int).tolist() == found["flags"]


def test_a_lasso_and_a_box_on_the_page_s_own_axes_need_no_exact_values(page):
    table = random_customers(np.random.default_rng(3), 500)
    brush = brush_view(table, pictures=[(AXES[0], MONEY)], segments=["A", "B"])
    opened(page, brush)
    grids = brush.grids
    across = "late_ratio", grids["late_ratio"], [0, 60_000, 30_000]
    up = "total_invoiced", grids["total_invoiced"], [0, 9_000, 65_000]
    drawn = lasso(across, up)
    assert page("apply", text=str(drawn))["found"] == drawn.apply(table).astype(int).tolist()
    around = box(("late_ratio", grids["late_ratio"], (0, 30_000)))
    assert "no exact values of 'late_ratio'" in page("apply", text=str(around))["wrong"]


def test_more_customers_than_come_exactly_are_only_cells():
    n = EXACT_AT_MOST + 1
    table = pd.DataFrame({"late_ratio": np.zeros(n), "mean_days_late": np.arange(n) * 1.0, "segment": "A"})
    brush = brush_view(table, pictures=[AXES], segments=["A"], values=table[["late_ratio"]])
    assert brush.spec["values"] is None
    assert len(brush.buffers) == 3
    fewer = brush_view(table[:-1], pictures=[AXES], segments=["A"], values=table[["late_ratio"]][:-1])
    assert [column["name"] for column in fewer.spec["values"]] == ["late_ratio", "mean_days_late"]
    np.testing.assert_array_equal(np.frombuffer(fewer.buffers[-1], "<f8"), table["mean_days_late"][:-1])


MISFITS = {
    "values has 1 rows that are not the 2": pd.DataFrame({"a": [1.0]}),
    "not the 2 of the customers": pd.DataFrame({"a": [1, 2]}, index=[1, 0]),
    "holds text": pd.DataFrame({"a": ["x", "y"]}),
    "a column 'segment'": pd.DataFrame({"segment": [1, 2]}),
}


@pytest.mark.parametrize("message", MISFITS)
def test_values_that_do_not_fit_are_refused(message):
    table = pd.DataFrame({"late_ratio": [0.0, 1], "mean_days_late": [0.0, 1], "segment": ["A", "A"]})
    with pytest.raises(SelectionError, match=message):
        brush_view(table, pictures=[AXES], segments=["A"], values=MISFITS[message])
