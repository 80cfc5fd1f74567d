"""The exported brush in a real browser, from disk: mouse, keyboard, zoom; the page and Python select the same customers."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.views.brush_export import brush_page_html

N = 5_000
LATE, SHARE = BrushAxis("late", "Mean days late", "days"), BrushAxis("share", "On-time share", "ratio")
MONEY = BrushAxis("money", "Invoiced", "money", "log")
STEPS = "() => JSON.parse(JSON.stringify(brush.store.steps))"
CHOSEN = "() => [...brush.store.selected.keys()].filter(k => brush.store.selected[k])"


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(5)
    late = rng.normal(10, 15, N)
    late[::50] = np.nan
    table = {"late": late, "share": rng.beta(2, 2, N), "money": np.exp(rng.normal(8, 2, N))}
    return pd.DataFrame({**table, "segment": rng.choice(["A", "B", "C", "odd"], N)})


@pytest.fixture(scope="module")
def brush(customers):
    pictures = [(LATE, SHARE), (MONEY, LATE), (SHARE, MONEY)]
    ids = [f"K{k:05d}" for k in range(N)]
    return brush_view(customers, pictures=pictures, segments=["A", "B", "C"], ids=ids)


@pytest.fixture(scope="module")
def file(brush, tmp_path_factory):
    path = tmp_path_factory.mktemp("brush") / "brush.html"
    path.write_text(brush_page_html(brush), encoding="utf-8")
    return path


@pytest.fixture
def page(browser, file):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda m: page.problems.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    local = ("file:", "blob:", "data:")
    page.on("request", lambda r: page.problems.append(r.url) if not r.url.startswith(local) else None)
    page.goto(file.as_uri())
    page.wait_for_function("() => globalThis.brush?.parts.every(p => p.picture.extent)")
    yield page
    assert page.problems == []
    context.close()


def frame_of(page, figure):
    """Return the frame of a figure on the page: left, top, width, height."""
    return page.evaluate(
        """k => {
          const view = Bokeh.documents[0].views_manager.find_one(Bokeh.documents[0].get_model_by_name('brush ' + k));
          const box = view.canvas_view.el.getBoundingClientRect(), frame = view.frame.bbox;
          return [box.left + frame.left, box.top + frame.top, frame.width, frame.height];
        }""",
        figure,
    )


def ranges_of(page, figure):
    """Return the ends of a figure's ranges: x, x, y, y."""
    return page.evaluate(
        """k => {
          const { x_range: x, y_range: y } = Bokeh.documents[0].get_model_by_name('brush ' + k);
          return [x.start, x.end, y.start, y.end];
        }""",
        figure,
    )


def drag(page, figure, places, *, modifiers=()):
    left, top, width, height = frame_of(page, figure)
    at = [(left + u * width, top + v * height) for u, v in places]
    for key in modifiers:
        page.keyboard.down(key)
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    for key in modifiers:
        page.keyboard.up(key)


def select(page, figure, places, *, modifiers=()):
    """Drag the mouse over customers, and wait until the page has taken it in."""
    before = page.evaluate(STEPS)
    drag(page, figure, places, modifiers=modifiers)
    page.wait_for_function(f"before => JSON.stringify(({STEPS})()) !== JSON.stringify(before)", arg=before)


def agrees(page, brush, customers):
    """Check the page's customers against the expression Python makes of its steps; return how many."""
    chosen = page.evaluate(CHOSEN)
    expected = brush.selection(page.evaluate(STEPS)).apply(customers)
    assert chosen == np.flatnonzero(expected).tolist()
    status = page.get_by_role("status").inner_text()
    assert status.startswith(f"{len(chosen):,} of {N:,} customers selected" if chosen else "Nothing selected")
    return len(chosen)


def test_a_box_of_the_mouse_selects_what_its_edges_say(page, brush, customers):
    select(page, 0, [(0.3, 0.2), (0.5, 0.4), (0.7, 0.8)])
    assert 0 < agrees(page, brush, customers) < N
    [step] = page.evaluate(STEPS)
    x0, x1, y0, y1 = ranges_of(page, 0)
    x, y = (x0 + np.array([0.3, 0.7]) * (x1 - x0), y0 + np.array([0.2, 0.8]) * (y1 - y0))
    drawn = customers["late"].between(*x) & customers["share"].between(*y)
    i0, i1, _, _ = step["geometry"]
    low, high, _ = brush.grids["late"].interval(i0, i1)
    pixel = (x[1] - x[0]) / (0.4 * frame_of(page, 0)[2])
    assert abs(low - x[0]) <= 1.5 * pixel
    assert abs(high - x[1]) <= 1.5 * pixel
    assert abs(int(drawn.sum()) - len(page.evaluate(CHOSEN))) < 0.02 * N


def test_whoever_hesitates_before_dragging_brushes_all_the_same(page, brush, customers):
    left, top, width, height = frame_of(page, 0)
    page.mouse.move(left + 0.3 * width, top + 0.2 * height)
    page.mouse.down()
    page.wait_for_timeout(700)
    page.mouse.move(left + 0.7 * width, top + 0.8 * height, steps=4)
    page.mouse.up()
    assert 0 < agrees(page, brush, customers) < N


def test_a_lasso_on_a_log_axis_agrees_with_python(page, brush, customers):
    page.locator(".bk-tool-icon-lasso-select").first.click()
    select(page, 1, [(0.2, 0.2), (0.8, 0.3), (0.5, 0.5), (0.9, 0.9), (0.3, 0.7), (0.2, 0.2)])
    assert page.evaluate(STEPS)[0]["kind"] == "lasso"
    assert 0 < agrees(page, brush, customers) < N


def test_shift_adds_control_intersects_both_subtract_and_undo_goes_back(page, brush, customers):
    select(page, 0, [(0.2, 0.2), (0.5, 0.5)])
    first = agrees(page, brush, customers)
    select(page, 2, [(0.3, 0.3), (0.9, 0.9)], modifiers=["Shift"])
    more = agrees(page, brush, customers)
    assert more > first
    select(page, 1, [(0.2, 0.2), (0.6, 0.9)], modifiers=["Control"])
    fewer = agrees(page, brush, customers)
    assert fewer < more
    select(page, 0, [(0.3, 0.3), (0.4, 0.6)], modifiers=["Control", "Shift"])
    assert agrees(page, brush, customers) < fewer
    modes = [step["mode"] for step in page.evaluate(STEPS)]
    assert modes == ["replace", "add", "intersect", "subtract"]
    for wanted in (fewer, more, first, 0):
        page.get_by_role("button", name="Undo").click()
        assert agrees(page, brush, customers) == wanted
    assert page.get_by_role("button", name="Undo").is_disabled()


def test_the_pictures_follow_while_the_mouse_still_moves_and_python_hears_once(page):
    page.evaluate(
        """() => {
          [globalThis.told, globalThis.seen] = [0, []];
          brush.store.onChange(() => told++);
          brush.store.onShown((store) => seen.push(store.count));
        }"""
    )
    left, top, width, height = frame_of(page, 0)
    page.mouse.move(left + 0.2 * width, top + 0.2 * height)
    page.mouse.down()
    for k in range(1, 9):
        page.mouse.move(left + (0.2 + 0.05 * k) * width, top + (0.2 + 0.05 * k) * height)
        page.evaluate("() => new Promise(requestAnimationFrame)")
    seen = page.evaluate("() => seen.length")
    assert seen >= 4
    assert page.evaluate("() => told") == 0
    page.mouse.up()
    page.wait_for_function("() => told === 1")
    counts = page.evaluate("() => seen")
    assert counts == sorted(counts)


def test_a_segment_button_selects_its_customers(page, brush, customers):
    page.get_by_role("button", name="B", exact=True).click()
    assert agrees(page, brush, customers) == (customers["segment"] == "B").sum()
    page.get_by_role("button", name="not placed").click()
    assert agrees(page, brush, customers) == (customers["segment"] == "odd").sum()


def test_the_keyboard_alone_moves_a_box_selects_adds_clears_and_undoes(page, brush, customers):
    page.get_by_role("application", name="On-time share over mean days late").focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    first = agrees(page, brush, customers)
    assert 0 < first < N
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Shift+Enter"):
        page.keyboard.press(key)
    assert agrees(page, brush, customers) > first
    page.keyboard.press("Escape")
    assert agrees(page, brush, customers) == 0
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert agrees(page, brush, customers) == first


def test_the_box_of_the_keyboard_shows_beforehand_what_enter_will_do(page, brush, customers):
    shown = "() => new Promise(requestAnimationFrame).then(() => brush.store.count)"
    page.get_by_role("button", name="B", exact=True).click()
    segment = agrees(page, brush, customers)
    page.get_by_role("application", name="On-time share over mean days late").focus()
    page.keyboard.press("ArrowLeft")
    alone = page.evaluate(shown)
    seen = {}
    for keys in (["Shift"], ["Control"], ["Control", "Shift"]):
        for key in keys:
            page.keyboard.down(key)
        seen[len(seen)] = page.evaluate(shown)
        for key in keys:
            page.keyboard.up(key)
        assert page.evaluate(shown) == alone
    added, both, without = seen.values()
    assert (added, segment) == (segment + alone - both, both + without)
    assert 0 < both < alone
    page.keyboard.press("Shift+Enter")
    assert agrees(page, brush, customers) == added


def test_the_keyboard_follows_the_mode_chosen_in_the_tool(page, brush, customers):
    page.get_by_role("button", name="B", exact=True).click()
    segment = agrees(page, brush, customers)
    page.evaluate(
        """() => {
          const figure = Bokeh.documents[0].get_model_by_name('brush 0');
          figure.toolbar.tools.find((tool) => tool.type === 'BoxSelectTool').mode = 'subtract';
        }"""
    )
    page.get_by_role("application", name="On-time share over mean days late").focus()
    for key in ("ArrowLeft", "Enter"):
        page.keyboard.press(key)
    assert 0 < agrees(page, brush, customers) < segment
    assert [step["mode"] for step in page.evaluate(STEPS)] == ["replace", "subtract"]


def test_every_figure_is_a_stop_of_the_tab_key(page):
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        label = page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              return at?.getAttribute('aria-label') ?? '';
            }"""
        )
        if "Arrow keys" in label:
            reached.add(label.partition(".")[0])
    assert len(reached) == 3


def test_zooming_repaints_the_part_in_view_and_keeps_the_selection(page, brush, customers):
    select(page, 0, [(0.3, 0.2), (0.7, 0.8)])
    chosen = agrees(page, brush, customers)
    assert (
        page.evaluate("() => brush.parts[0].picture.inView")
        == customers[["late", "share"]].notna().all(axis=1).sum()
    )
    page.locator(".bk-tool-icon-box-zoom").first.click()
    drag(page, 0, [(0.4, 0.4), (0.6, 0.6)])
    page.wait_for_function("() => brush.parts[0].picture.inView < 2000")
    ranges = ranges_of(page, 0)
    shown = customers["late"].between(*ranges[:2]) & customers["share"].between(*ranges[2:])
    assert (
        abs(page.evaluate("() => brush.parts[0].picture.inView") - int(shown.sum())) <= 3
    )  # cells on the rim
    assert agrees(page, brush, customers) == chosen


def test_the_tooltip_names_the_customer_under_the_mouse(page, brush):
    place = page.evaluate(
        """() => { const f = Bokeh.documents[0].get_model_by_name('brush 0'), v = Bokeh.documents[0].views_manager.find_one(f);
          const x = brush.store.columns.late, y = brush.store.columns.share, k = 7;
          const at = (c) => c.low + (c.codes[k] + .5) / 65535 * (c.high - c.low);
          const box = v.canvas_view.el.getBoundingClientRect();
          return [box.left + v.frame.x_scale.compute(at(x)), box.top + v.frame.y_scale.compute(at(y))]; }"""
    )
    page.mouse.move(*place)
    page.get_by_text("customer: K00007").wait_for()


def test_random_boxes_and_lassos_hit_the_same_customers_in_the_page_and_in_python(page, brush, customers):
    rng = np.random.default_rng(11)
    names = list(brush.grids)
    steps = []
    for k in range(150):
        x, y = rng.choice(names, 2, replace=False).tolist()
        if k % 3 == 0:
            i, j = np.sort(rng.integers(0, 65_535, (2, 2)), axis=1).tolist()
            geometry, kind = [i[0], i[1], j[0], j[1]], "box"
        else:
            corners = rng.integers(-9_000, 75_000, (int(rng.integers(3, 250)), 2))
            geometry, kind = corners.tolist(), "lasso"
        steps.append({"kind": kind, "x": x, "y": y, "geometry": geometry, "mode": "replace"})
    masks = page.evaluate(
        "steps => steps.map(s => { brush.store.select(s); return [...brush.store.mask]; })", steps
    )
    for step, mask in zip(steps, masks, strict=True):
        flags = np.unpackbits(np.array(mask, "uint8"), bitorder="little")[:N].astype(bool)
        expected = brush.selection([step]).apply(customers).to_numpy()
        np.testing.assert_array_equal(flags, expected, err_msg=str(step)[:200])


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_point_is_painted_where_its_axes_and_a_brush_say_whatever_the_screen_s_pixels(
    browser, tmp_path, ratio
):
    """The screenshot is the second opinion: the middle of the only blue mark against Bokeh's own scales."""
    table = pd.DataFrame(
        {"late": [0.0, 31, 50], "share": [0.0, 0.71, 1], "money": [1.0, 20, 900], "segment": list("BAB")}
    )
    brush = brush_view(table, pictures=[(LATE, SHARE), (MONEY, LATE)], segments=["A", "B"])
    file = tmp_path / "points.html"
    file.write_text(brush_page_html(brush), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 900}, device_scale_factor=ratio)
    page.goto(file.as_uri())
    page.wait_for_function("() => globalThis.brush?.parts.every(p => p.picture.extent)")
    for figure, (x, y) in enumerate([(31, 0.71), (20, 31)]):
        across, down = page.evaluate(
            """([k, x, y]) => {
              const { frame } = Bokeh.documents[0].views_manager.find_one(Bokeh.documents[0].get_model_by_name('brush ' + k));
              return [frame.x_scale.compute(x) - frame.bbox.left, frame.y_scale.compute(y) - frame.bbox.top];
            }""",
            [figure, x, y],
        )
        left, top, width, height = frame_of(page, figure)
        clip = {"x": left, "y": top, "width": width, "height": height}
        shot = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")).astype(int)
        rows, columns = np.nonzero(shot[..., 2] - shot[..., 0] > 100)  # blue, not grey, black or orange
        assert len(rows) > 20 * ratio**2
        assert (columns.mean() + 0.5) / ratio == pytest.approx(across, abs=1)
        assert (rows.mean() + 0.5) / ratio == pytest.approx(down, abs=1)
        u, v = across / width, down / height
        select(page, figure, [(u - 0.02, v - 0.02), (u + 0.02, v + 0.02)])
        assert page.evaluate(CHOSEN) == [1]
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Clear").click()
    page.close()
