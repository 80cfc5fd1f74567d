"""`StrategyBoard`: computes as the core does, remakes the plan for a policy, and leads from a call to its customer."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import (
    Cancelled,
    ClusterExplorer,
    ForecastError,
    GroupEffects,
    Outlook,
    Selection,
    Strategy,
    StrategyBoard,
    StrategyError,
    UnknownNameError,
    compare_plans,
    default_policy,
    key_figures,
    parse_policy,
    recommend,
    scenario,
    worklist,
    write_worklist,
)
from payseg_widgets.strategy import scenario_cash, scenarios
from payseg_widgets.strategy.self_check import Finding
from payseg_widgets.widgets import strategy_board as module
from tests import studies
from tests.widgets.test_feature_selector import told


@pytest.fixture(scope="module")
def study():
    return studies.study()


@pytest.fixture(scope="module")
def plan(study):
    return recommend(study)


@pytest.fixture(scope="module")
def figures(study, plan):
    return key_figures(study, plan)


@pytest.fixture
def quick(monkeypatch, plan, figures):
    """The plan and key figures of the default policy, made once."""
    monkeypatch.setattr(
        module, "recommend", lambda study, policy: plan if policy == plan.policy else recommend(study, policy)
    )
    monkeypatch.setattr(module, "key_figures", lambda _study, _plan, **_run: figures)


@pytest.fixture
def board(study, quick):
    made = StrategyBoard(study)
    made.wait(60)
    return made


def ask(board, **message):
    board.table._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})


def test_a_run_gives_what_the_core_gives(study, plan):
    board = StrategyBoard(study, days=45, calls_a_day=3, call_days=2)
    pd.testing.assert_frame_equal(board.wait(120).customers, plan.customers)
    pd.testing.assert_frame_equal(board.key_figures.table, key_figures(study, plan).table)
    forecast = study.outlook.forecast
    pd.testing.assert_frame_equal(board.scenario.weeks, scenario(forecast, "top_delay", n=10, days=45).weeks)
    pd.testing.assert_frame_equal(board.worklist.calls, worklist(forecast, calls_a_day=3, days=2).calls)
    assert repr(board) == "StrategyBoard(60 customers, top_delay, as_of=2024-09-30, idle)"
    assert board.table.message == "Computed."
    assert board.change is None


def test_each_figure_has_a_tile_with_its_meaning_and_its_trend_in_words(board, figures):
    tiles = {tile["name"]: tile for tile in board.table._tiles["tiles"]}
    assert list(tiles) == figures.table.index.tolist()
    row = figures.table.loc["dso_classic"]
    tile = tiles["dso_classic"]
    assert tile["value"] == f"{row['value']:.1f} days"
    assert [tile["definition"], tile["formula"]] == [row["definition"], row["formula"]]
    trend = figures.trend["dso_classic"]
    assert tile["trend"]["rows"][-1] == [f"{trend.index[-1]:%Y-%m-%d}", f"{trend.iloc[-1]:.1f} days"]
    assert f"lowest {trend.min():.1f} days on {trend.idxmin():%Y-%m-%d}" in tile["trend"]["words"]
    share = figures.table.loc["high_risk_customers"]
    assert tiles["high_risk_customers"]["interval"] == (
        f"95% interval {share['conf_low']:.1%} to {share['conf_high']:.1%}"
    )
    assert tiles["working_capital_top10_delay"]["interval"].startswith("8 in 10 draws: GBP ")


def test_the_overviews_say_what_the_plan_says(board, plan):
    segments, customers, invoices = board.table._overview["tables"]
    assert [row[1] for row in segments["rows"]] == [f"{n:,}" for n in plan.clusters["n_customers"]]
    assert [row[-1] for row in segments["rows"]] == plan.clusters["remark"].tolist()
    for table, of, n in (
        (customers, plan.actions, "n_customers"),
        (invoices, plan.invoice_actions, "n_invoices"),
    ):
        assert [row[1] for row in table["rows"]] == [f"{k:,}" for k in of[n]]
        assert table["rows"][-1][3] == f"GBP {plan.customers['outstanding_minor'].sum() / 100:,.0f}"
    risky = board.table._overview["riskiest"]["rows"]
    loss = plan.customers["expected_loss_minor"].astype(float).nlargest(10)
    assert [row["label"] for row in risky] == loss.index.tolist()
    assert board.table._overview["findings"] == []


def test_what_the_self_check_finds_is_told(study, plan, figures):
    wrong = replace(
        plan, findings=(Finding("clusters", "late_probability", "A", "11.00 lies outside 0 to 1."),)
    )
    table = figures.table.copy()
    table.loc["high_risk_customers", "value"] = 1.5
    made = Strategy(wrong, replace(figures, table=table))
    board = StrategyBoard(replace(study, strategy=made))
    assert board.wait(60) is wrong  # the study's own is not made again
    first, second = board.table._overview["findings"]
    assert first == "clusters, late_probability, row A: 11.00 lies outside 0 to 1."
    assert second == "key figures, value, row high_risk_customers: 1.50 lies outside 0 to 1."


def test_a_policy_typed_in_the_page_remakes_the_plan_and_says_who_moves(board, study, plan):
    stricter = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    ask(board, kind="apply", text=stricter.to_yaml())
    made = board.wait(60)
    assert board.policy == stricter == made.policy
    wanted = compare_plans(plan, recommend(study, stricter))
    assert board.change.sentence == wanted.sentence == board.table._change_told["sentence"]
    counts = [int(row[3]) for row in board.table._change_told["rows"]]
    assert counts == [*wanted.moves["n"], *wanted.invoice_moves["n"]]
    ask(board, kind="default")
    assert board.wait(60) is plan
    assert (
        board.table._policy_told["text"] == board.table._policy_told["default"] == default_policy().to_yaml()
    )


def test_another_policy_needs_no_looking_back(study, board, monkeypatch):
    monkeypatch.setattr(module, "key_figures", None)
    board.policy = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    plan = board.wait(60)
    monkeypatch.undo()
    wanted = key_figures(study, plan)
    for name in ("table", "by_segment", "riskiest"):
        pd.testing.assert_frame_equal(getattr(board.key_figures, name), getattr(wanted, name))


def test_a_policy_that_is_wrong_is_told_with_its_line_and_the_old_one_stays(board, plan):
    text = default_policy().to_yaml().replace("min_loss_ratio: 0.5", "min_loss_ratio: 1.5")
    line = 1 + text[: text.index("min_loss_ratio: 1.5")].count("\n")
    ask(board, kind="apply", text=text)
    fault = board.table._policy_told["fault"]
    assert (fault["line"], fault["typed"]) == (line, text)
    assert fault["text"].startswith(f"policy, line {line}: 1.5 is no number from 0 to 1")
    ask(
        board,
        kind="apply",
        text=default_policy().to_yaml().replace("segment_risk: {}", "segment_risk: {Z: high}"),
    )
    assert "segment 'Z'" in board.table._policy_told["fault"]["text"]
    assert board.plan is plan
    assert board.policy == default_policy()
    with pytest.raises(StrategyError, match="give a Policy"):
        board.policy = "strict.yaml"
    ask(board, kind="apply", text=default_policy().to_yaml())
    assert board.table._policy_told["fault"] == {}


def test_a_board_that_is_read_only_takes_no_policy_from_its_page(study, quick):
    board = StrategyBoard(study, editable=False)
    plan = board.wait(60)
    assert board.table._policy_told == {}
    stricter = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    ask(board, kind="apply", text=stricter.to_yaml())
    assert board.plan is plan
    assert board.policy == default_policy()
    board.policy = stricter  # Python may
    assert board.wait(60).policy == stricter


@pytest.mark.parametrize(
    ("choices", "options"),
    [
        ({"kind": "top_delay", "n": 3, "days": 12}, {"n": 3, "days": 12}),
        ({"kind": "group_delay", "days": 12}, {"days": 12, "group": 0}),
        ({"kind": "terms_change", "terms_days": -5}, {"days": -5, "group": 0}),
        ({"kind": "group_default", "share": 0.5}, {"share": 0.5, "group": 0}),
        ({"kind": "early_discount", "share": 0.3, "discount": 0.01, "by_day": 7}, {"share": 0.3, "discount": 0.01, "by_day": 7}),
    ],
)  # fmt: skip
def test_each_kind_of_scenario_is_laid_on_as_chosen(study, quick, choices, options):
    forecast = study.outlook.forecast
    board = StrategyBoard(study, grouping="region", **choices)
    board.wait(60)
    if "group" in options:  # the one that owes most
        region = study.ledger.customers.set_index("customer_id")["region"]
        owed = (
            forecast.invoices["outstanding_minor"].groupby(forecast.invoices["customer_id"].map(region)).sum()
        )
        options = {**options, "groups": region, "group": owed.idxmax()}
    wanted = scenario(forecast, choices["kind"], **options)
    pd.testing.assert_frame_equal(board.scenario.weeks, wanted.weeks)
    assert board.table._scenario_told["sentence"] == wanted.sentence
    names = {"study": study}
    exec(board.to_code(), names)
    pd.testing.assert_frame_equal(names["laid_on"].weeks, wanted.weeks)
    pd.testing.assert_frame_equal(names["calls"].calls, board.worklist.calls)


def test_a_policy_that_gives_up_sooner_lists_the_calls_anew(board, study, quick):
    board.policy = parse_policy(default_policy().to_yaml().replace("loss_days: 180", "loss_days: 60"))
    board.wait(60)
    told = board.plan.customers["expected_loss_minor"][board.worklist.calls["customer_id"]]
    assert (board.worklist.calls["expected_loss_minor"].to_numpy() == told.round().to_numpy()).all()
    names = {"study": study}
    exec(board.to_code(), names)
    pd.testing.assert_frame_equal(names["calls"].calls, board.worklist.calls)


def test_what_was_assumed_before_is_not_computed_again(board, monkeypatch):
    first = board.scenario
    told(board.table, days=31)
    board.wait(60)
    assert board.scenario is not first
    monkeypatch.setitem(scenarios.SCENARIOS, "top_delay", None)
    told(board.table, days=30)
    assert board.scenario is first
    assert board.table.state == "idle"


def test_a_group_goes_with_its_grouping(board, loud_callbacks):
    told(board.table, kind="group_delay", grouping="region")
    board.wait(60)
    group = board.table.groupings["region"].groups[1]
    told(board.table, group=group)
    board.wait(60)
    assert f"customers of region {group} pay" in board.scenario.what
    told(board.table, group="Atlantis")
    assert isinstance(loud_callbacks.pop(), UnknownNameError)
    assert board.group == group
    told(board.table, grouping="segment")
    board.wait(60)
    assert board.group == ""
    assert "customers of segment " in board.scenario.what


def test_regions_that_were_compared_are_those_of_the_scenarios(study, quick):
    ids = study.features.frame.index
    known = pd.DataFrame({"region": np.where(np.arange(len(ids)) % 2, "Wales", "unknown")}, index=ids)
    board = StrategyBoard(replace(study, groups=GroupEffects(known)), start=False)
    found = board.table.groupings
    assert set(found["region"].groups) == {"Wales"}  # others are not known
    assert found["region"].code == "customers['region'].dropna().astype('str')"
    assert set(found["sector"].groups) <= set(study.ledger.customers["sector"])  # told by the ledger alone


def test_a_scenario_that_cannot_be_is_said_and_the_rest_stays(board, monkeypatch):
    def refuses(_forecast, *, n, days, **_run):
        raise ForecastError("nobody owes anything.")

    monkeypatch.setitem(scenarios.SCENARIOS, "top_delay", refuses)
    told(board.table, days=77)
    with pytest.raises(ForecastError, match="nobody owes"):
        board.wait(60)
    assert board.scenario is None
    assert board.table._scenario_told == {}
    assert board.table.message == "The scenario could not be laid on the forecast: nobody owes anything."
    assert "cash" not in dict(board.table._pictures)
    assert board.plan is not None
    told(board.table, days=30)  # laid on before
    assert board.wait(60) is board.plan
    assert board.scenario.what == "the 10 largest debtors pay 30 days later"
    assert board.table.message == "Computed."


WRONG = [
    ("days", 0, "from 1 to 365"), ("days", 2.5, "from 1 to 365"), ("n", "ten", "from 1"), ("share", 0, "above 0"),
    ("share", float("nan"), "above 0"), ("discount", 0.9, "at most 0.5"), ("terms_days", 400, "from -365 to 365"),
    ("calls_a_day", True, "from 1"), ("kind", "meteor", "no scenario"), ("grouping", "weather", "none of that name"),
    ("figure", "beauty", "none of that name"), ("customer", "nobody", "none of that name"),
    ("kind", {}, "no scenario"), ("figure", {"a": 1}, "none of that name"), ("customer", [], "none of that name"),
    ("group", None, "none of that name"),
]  # fmt: skip


def test_a_wrong_choice_is_refused_and_what_was_there_stays(board):
    for name, wrong, says in WRONG:
        before = getattr(board, name)
        with pytest.raises((StrategyError, UnknownNameError), match=says):
            setattr(board, name, wrong)
        assert getattr(board, name) == getattr(board.table, name) == before


def test_whole_numbers_of_numpy_are_whole_numbers(study):
    board = StrategyBoard(study, start=False, days=np.int64(45))
    assert board.days == 45
    assert type(board.table.days) is int


def test_a_call_picked_selects_its_customer_and_picked_again_lets_go(study, quick):
    explorer = ClusterExplorer(study.features, study.segmentation)
    board = StrategyBoard(study, explorer=explorer)
    board.wait(60)
    whose = board.worklist.calls["customer_id"]
    ask(board, kind="pick", table="calls", row="2")
    assert board.customer == whose[2]
    assert explorer.selected.index.tolist() == [whose[2]]
    assert board.table._picked["calls"] == "2"
    ask(board, kind="pick", table="calls", row="2")
    assert board.customer == ""
    assert explorer.selected.empty
    first = board.key_figures.riskiest.index[0]
    ask(board, kind="pick", table="risky", row="1")
    assert board.selection == Selection.picked([first])
    for row in ("0", "-1", "9999", "x", "²", "٣"):
        ask(board, kind="pick", table="calls", row=row)
        ask(board, kind="pick", table="risky", row=row)
    assert board.customer == first


def test_the_file_is_the_one_that_python_writes(board, tmp_path):
    sent = []
    board.table.send = lambda content, buffers=None: sent.append(content)
    ask(board, kind="csv")
    path = write_worklist(board.worklist, tmp_path / "calls.csv")
    assert sent == [
        {"kind": "csv", "name": "worklist-2024-09-30.csv", "text": path.read_text(encoding="utf-8")}
    ]
    assert len(pd.read_csv(StringIO(sent[0]["text"]))) == len(board.worklist.calls)


def test_a_board_that_hides_customers_tells_none_of_them(study, quick):
    board = StrategyBoard(study, shows_ids=False, shows_names=True)
    board.wait(60)
    ask(board, kind="pick", table="calls", row="1")
    state = str(board.table.get_state())
    names = study.ledger.customers["name"].tolist()
    assert not [one for one in [*study.features.frame.index, *names] if str(one) in state]
    sent = []
    board.table.send = lambda content, buffers=None: sent.append(content)
    ask(board, kind="csv")
    assert sent == []


def test_names_are_shown_only_where_asked(study, quick):
    board = StrategyBoard(study)
    board.wait(60)
    named = StrategyBoard(study, shows_names=True)
    named.wait(60)
    first = board.worklist.calls["customer_id"].iloc[0]
    name = study.ledger.customers.set_index("customer_id")["name"][first]
    assert board.table._calls["rows"][0]["label"] == first
    assert named.table._calls["rows"][0]["label"] == f"{first} {name}"
    assert name not in str(board.table.get_state())


def test_without_a_forecast_there_are_figures_and_no_scenario(study):
    board = StrategyBoard(replace(study, outlook=Outlook(None)))
    board.wait(60)
    assert board.scenario is board.worklist is None
    assert board.table.message == "Computed. There is no forecast: no scenarios, nobody to call."
    assert board.table._calls == board.table._scenario_told == {}
    assert "riskiest" not in board.table._overview
    assert board.table._tiles["notes"]
    names = {"study": board.study}
    exec(board.to_code(), names)
    assert "calls" not in names
    assert names["plan"].customers["action"].equals(board.plan.customers["action"])


def test_every_picture_is_shown_with_its_figures_below(board):
    shown = set()
    for name, _ in board.table._pictures:
        told(board.table, picture=name)
        view = board.children[1]._view
        shown.add(view.title)
        assert board.children[2].rows.count("<tr") == len(view.table) + 1
    assert len(shown) == len(board.table._pictures) == 5
    told(board.table, figure="dso_countback", picture="trend")
    assert board.children[1]._view.title == "DSO, count-back, month by month"


def test_cancelled_what_is_done_stays_and_a_change_goes_on(study, monkeypatch, plan, figures):
    begun = threading.Event()

    def slow(_study, _plan, *, progress, cancel):
        progress("looking back", 0, 3)
        begun.set()
        while not cancel.is_set():
            time.sleep(0.01)
        raise Cancelled("stopped")

    monkeypatch.setattr(module, "recommend", lambda _study, _policy: plan)
    monkeypatch.setattr(module, "key_figures", slow)
    board = StrategyBoard(study, start=False)
    told(board.table, days=31)
    assert board.table.state == "idle"  # nothing was asked for
    assert board.as_view().sentence == "Nothing is computed yet."
    ask(board, kind="start")
    assert begun.wait(20)
    assert board.table.message.startswith(
        ("Step 2 of 4: key figures, looking back.", "Step 2 of 4: key figures.")
    )
    ask(board, kind="cancel")
    assert board.wait(20) is plan
    assert board.table.state == "cancelled"
    monkeypatch.setattr(module, "key_figures", lambda _study, _plan, **_run: figures)
    told(board.table, days=32)
    board.wait(20)
    assert board.key_figures is figures
    assert board.scenario.what == "the 10 largest debtors pay 32 days later"


@pytest.fixture
def drawn(monkeypatch):
    """Invoices drawn by each thread; while ``slow`` is set each takes its time."""
    made = SimpleNamespace(by_thread=Counter(), slow=threading.Event(), begun=threading.Event())

    def ends_of(*given):
        made.by_thread[threading.current_thread()] += 1
        if made.slow.is_set():
            made.begun.set()
            time.sleep(0.02)
        return wanted(*given)

    wanted = scenario_cash.ends_of
    monkeypatch.setattr(scenario_cash, "ends_of", ends_of)
    monkeypatch.setattr(scenario_cash, "_AT_A_TIME", 1)
    return made


def kept_by(board):
    return (
        board.scenario,
        dict(board.table._kept),
        board.table._scenario_told,
        board.table._made_of["scenario"],
    )


def test_a_scenario_under_way_is_cancelled_between_customers_and_nothing_of_it_is_kept(board, drawn):
    before = kept_by(board)
    drawn.slow.set()
    told(board.table, days=31)
    assert drawn.begun.wait(20)
    ask(board, kind="cancel")
    assert board.wait(20) is board.plan
    assert board.table.state == "cancelled"
    assert board.table.message == "Cancelled. What was there stays. A change, or Compute, goes on."
    assert board.table.progress == 0
    assert kept_by(board) == before
    [n_drawn] = drawn.by_thread.values()
    assert n_drawn < len(board.study.outlook.forecast.invoices)
    drawn.slow.clear()
    told(board.table, calls_a_day=7)  # a change goes on
    board.wait(60)
    assert board.scenario.what == "the 10 largest debtors pay 31 days later"
    assert board.table.message == "Computed."


def test_the_scenario_of_the_key_figures_is_not_laid_on_twice(board, study, figures, drawn):
    assert board.scenario is figures.scenario
    pd.testing.assert_frame_equal(
        board.scenario.weeks, scenario(study.outlook.forecast, "top_delay", n=10, days=30).weeks
    )
    later = replace(figures, delay_days=45, scenario=scenario(study.outlook.forecast, "top_delay", days=45))
    made = StrategyBoard(replace(study, strategy=Strategy(board.plan, later)), days=45)
    drawn.by_thread.clear()
    made.wait(60)
    assert made.scenario is later.scenario
    assert not drawn.by_thread
    told(made.table, days=30)
    made.wait(60)
    assert made.scenario.what == "the 10 largest debtors pay 30 days later"


def test_a_newer_scenario_stops_the_one_under_way(board, drawn):
    drawn.slow.set()
    told(board.table, days=31)
    assert drawn.begun.wait(20)
    told(board.table, days=32)
    drawn.slow.clear()
    board.wait(60)
    assert board.scenario.what == "the 10 largest debtors pay 32 days later"
    assert [one.figures for one in board.table._kept] == [
        (("n", 10), ("days", 30)),
        (("n", 10), ("days", 32)),
    ]
    first, second = drawn.by_thread.values()
    assert first < len(board.study.outlook.forecast.invoices) < second


def test_the_bar_moves_while_a_scenario_is_laid_on(board, drawn):
    bars, said = [], set()
    board.table.observe(lambda change: bars.append(change.new), "progress")
    board.table.observe(lambda change: said.add(change.new), "message")
    told(board.table, days=31)
    board.wait(60)
    assert bars[-1] == 1
    rising = bars[bars.index(0) if 0 in bars else 0 :]
    assert rising == sorted(rising)
    assert len(rising) > len(board.study.outlook.forecast.invoices)
    assert "Step 1 of 1: the scenario, drawing the cash." in said
    assert len(said) < 10  # read aloud: not anew for each customer


def shown_by(board):
    table = board.table
    return table.plan, table.figures, table.worklist, table._overview, table._tiles, table._calls


@pytest.mark.parametrize("fails", ["cancelled", "refused"])
def test_what_is_shown_is_of_one_policy(board, study, fails):
    before, makers = shown_by(board), board.table._makers
    begun = threading.Event()

    def unmade(_plan, *, progress, cancel):
        begun.set()
        if fails == "refused":
            raise StrategyError("no figures today.")
        while not cancel.is_set():
            time.sleep(0.01)
        raise Cancelled("stopped")

    board.table._makers = makers._replace(figures=unmade)
    sooner = parse_policy(default_policy().to_yaml().replace("loss_days: 180", "loss_days: 60"))
    ask(board, kind="apply", text=sooner.to_yaml())
    assert begun.wait(20)
    if fails == "cancelled":
        ask(board, kind="cancel")
    with pytest.raises(Cancelled if fails == "cancelled" else StrategyError):
        board.wait(20)
    assert shown_by(board) == before
    assert board.change is None
    assert "What is shown is of the policy before." in board.table.message
    made = replace(board.key_figures, notes=("of the new policy",))
    board.table._makers = makers._replace(figures=lambda *_, **__: made)
    told(board.table, days=33)
    assert board.wait(60).policy == sooner
    assert board.table._tiles["notes"] == ["of the new policy"]
    assert board.worklist.calls["expected_loss_minor"].iloc[0] == round(
        board.plan.customers["expected_loss_minor"][board.worklist.calls["customer_id"].iloc[0]]
    )
    assert board.change.sentence == compare_plans(before[0], board.plan).sentence
    ask(board, kind="default")
    board.wait(60)
    assert "policy before" not in board.table.message


def test_its_code_tells_a_policy_and_who_was_picked(board, study):
    board.policy = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    board.customer = study.features.frame.index[0]
    board.wait(60)
    names = {"books": study}
    exec(board.to_code("books"), names)
    assert names["plan"].customers["action"].equals(board.plan.customers["action"])
    assert names["customer"].name == board.customer


def test_where_no_widget_can_be_there_are_a_sentence_and_a_table(board, plan):
    bundle = board._repr_mimebundle_()
    assert bundle["text/plain"] == repr(board)
    assert plan.sentence in bundle["text/html"]
    assert bundle["text/html"].count("<tr") == len(plan.actions)
    with pytest.raises(StrategyError, match="not of a str"):
        StrategyBoard("ledger.csv")


def test_closed_it_closes_its_parts(board):
    board.close()
    assert board.table.comm is None
    board.table.set_trait("plan", None)  # nothing draws any more
