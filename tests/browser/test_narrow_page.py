"""The report and a page of linked pictures on a narrow screen, and where the grid is narrow in a wide window."""

from __future__ import annotations

import pytest

from payseg_widgets import ClusterExplorer, write_report

# Elements, those in shadow roots too, that reach beyond the window and are not in a box that scrolls.
BEYOND = """() => {
  const up = (e) => e.assignedSlot ?? e.parentElement ?? e.getRootNode().host;
  const scrolls = (e) => e && e !== document.body && (getComputedStyle(e).overflowX !== 'visible' || scrolls(up(e)));
  const beyond = [];
  const look = (e) => {
    const { width, right } = e.getBoundingClientRect();
    if (width && right > innerWidth + 1 && !scrolls(up(e))) beyond.push(`${e.tagName} ${e.className} ${right}`);
    for (const child of (e.shadowRoot ?? e).children) look(child);
  };
  look(document.body);
  return beyond;
}"""
# Of the brushed figures: left edge, top edge, width of the frame.
PLACES = """() => brush.parts.map((_, k) => {
  const document_ = Bokeh.documents.find((d) => d.get_model_by_name('brush 0'));
  const view = document_.views_manager.find_one(document_.get_model_by_name(`brush ${k}`));
  const { left, top } = view.el.getBoundingClientRect();
  return [Math.round(left), Math.round(top), view.frame.bbox.width];
})"""
DRAWN = "() => globalThis.brush?.parts.every(p => p.picture.extent)"


@pytest.fixture(scope="module")
def pages(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("narrow")
    explorer = ClusterExplorer(study).to_html(folder / "explorer.html")
    return {"report": write_report(study, folder)["report"], "explorer": explorer}


@pytest.mark.parametrize("name", ["report", "explorer"])
@pytest.mark.parametrize("width", [480, 1280])
def test_nothing_reaches_beyond_the_window(browser, pages, name, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(pages[name].as_uri())
    page.wait_for_function(DRAWN)
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(BEYOND) == []
    page.close()


def test_pictures_stand_below_each_other_where_the_grid_is_narrow_and_go_back(browser, pages):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages["explorer"].as_uri())
    page.wait_for_function(DRAWN)
    wide = page.evaluate(PLACES)
    assert len({left for left, _, _ in wide}) == 2
    page.evaluate("() => (document.getElementById('brush-pictures').style.width = '440px')")
    page.wait_for_function(f"() => ({PLACES})().every(([, , width]) => width > 200 && width < 440)")
    narrow = page.evaluate(PLACES)
    assert len({left for left, _, _ in narrow}) == 1
    assert [top for _, top, _ in narrow] == sorted({top for _, top, _ in narrow})
    page.evaluate("() => (document.getElementById('brush-pictures').style.width = '')")
    page.wait_for_function(f"wide => JSON.stringify(({PLACES})()) === JSON.stringify(wide)", arg=wide)
    page.close()
