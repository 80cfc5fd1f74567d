"""Bokeh's toolbars in our pages: buttons with a role, a name and a state, that the keyboard presses."""

from __future__ import annotations

import pytest

from payseg_widgets import write_report

# Of everything the Tab key reaches in a toolbar: role, name.
STOPS = """() => {
  const stops = [];
  const look = (e, within) => {
    const inside = within || e.classList.contains('bk-Toolbar');
    if (inside && e.tabIndex === 0) stops.push([e.getAttribute('role'), e.getAttribute('aria-label')]);
    for (const child of (e.shadowRoot ?? e).children) look(child, inside);
  };
  look(document.body, false);
  return stops;
}"""
EXPLORE = {"Pan", "Lasso Select", "Box Zoom", "Box Select", "Wheel Zoom", "Reset"}


@pytest.fixture(scope="module")
def report(study, tmp_path_factory):
    return write_report(study, tmp_path_factory.mktemp("tools"))["report"]


@pytest.fixture
def page(browser, report):
    page = browser.new_page(viewport={"width": 480, "height": 900})
    page.goto(report.as_uri())
    page.wait_for_function("() => globalThis.brush?.parts.every(p => p.picture.extent)")
    page.wait_for_function("() => Bokeh.index.roots.every(view => view.has_finished())")
    yield page
    page.close()


def test_every_button_of_every_toolbar_has_a_role_and_a_name(page):
    stops = page.evaluate(STOPS)
    assert {role for role, _ in stops} == {"button"}
    names = [name for _, name in stops]
    assert all(names)
    assert set(names) >= EXPLORE | {"Save"}
    assert "More tools" in names  # a picture too narrow for all of them


def test_a_button_says_whether_it_is_pressed_and_the_keyboard_presses_it(page):
    tools = page.locator("#explore").get_by_role("toolbar").first
    box, lasso = (tools.get_by_role("button", name=f"{kind} Select", exact=True) for kind in ("Box", "Lasso"))
    assert [button.get_attribute("aria-pressed") for button in (box, lasso)] == ["true", "false"]
    lasso.focus()
    page.keyboard.press("Enter")
    assert [button.get_attribute("aria-pressed") for button in (box, lasso)] == ["false", "true"]
    wheel = tools.get_by_role("button", name="Wheel Zoom", exact=True)
    for state in ("true", "false"):
        wheel.focus()
        page.keyboard.press(" ")
        assert wheel.get_attribute("aria-pressed") == state


def test_buttons_of_a_toolbar_made_anew_are_named(page):
    page.evaluate(
        """async () => {
          const figure = Bokeh.documents.map((d) => d.get_model_by_name('brush 0')).find((f) => f);
          const [grid] = figure.document.roots()[0].children;
          grid.toolbar.tools = [...grid.toolbar.tools].reverse();
        }"""
    )
    tools = page.locator("#explore").get_by_role("toolbar").first
    for name in EXPLORE:
        tools.get_by_role("button", name=name, exact=True).wait_for()


def test_axe_finds_nothing_amiss_in_the_page(page):
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("() => brush.store.select({ kind: 'segment', geometry: 0 })")
    page.locator(".payseg-contrast").wait_for()
    found = Axe().run(page).response
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found["violations"]] == []
    [named] = [rule for rule in found["passes"] if rule["id"] == "aria-command-name"]
    assert "bk-" in named["nodes"][0]["html"]  # axe looks into the toolbars
