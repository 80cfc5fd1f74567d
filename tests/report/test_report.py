"""The artefacts: self-contained, safe, reconciled with the study, silent about names."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from payseg_widgets import (
    Claims,
    Strategy,
    check_tables,
    compute_features,
    read_ledger,
    run_study,
    write_report,
)
from payseg_widgets.effects.groups import compare_groups
from payseg_widgets.errors import PaysegError, StrategyError
from payseg_widgets.prediction.outlook import Outlook
from payseg_widgets.report import write
from payseg_widgets.report.groups_tables import group_tables, office_caution
from payseg_widgets.report.html import report_html
from payseg_widgets.report.tables import features_table, safe_for_spreadsheets, segments_table
from payseg_widgets.report.text import figure, money, study_text
from payseg_widgets.views.rule_selection import rule_selection

pytestmark = pytest.mark.usefixtures("quick_forecasts")

EVIL = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def written(study, tmp_path_factory):
    return write_report(study, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(written):
    return written["report"].read_text(encoding="utf-8")


def test_the_page_asks_nothing_of_the_network(page):
    assert not re.search(r'<(script|link|img|iframe)[^>]+(src|href)\s*=\s*["\']?(https?:)?//', page)


def test_the_page_has_every_section_and_the_late_rule(page):
    for part in (
        "segments",
        "explore",
        "payment",
        "groups",
        "ahead",
        "do",
        "kpis",
        "models",
        "ledger",
        "method",
    ):
        assert f'<section id="{part}">' in page
    assert "late = paid after the due date" in page


def test_no_name_is_in_any_artefact_unless_asked(study, written, tmp_path):
    names = study.ledger.customers["name"].dropna().unique()
    book = openpyxl.load_workbook(written["workbook"])
    cells = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row}
    texts = [written[k].read_text(encoding="utf-8") for k in ("report", "segments", "provenance")]
    for name in names:
        assert name not in cells
        assert not any(name in text for text in texts)
    with_names = write_report(study, tmp_path, names=True)
    assert names[0] in with_names["segments"].read_text(encoding="utf-8")


def test_cells_that_a_finding_or_a_refusal_quotes_stay_in_the_house(tmp_path):
    file = tmp_path / "invoices.csv"
    rows = "".join(f"{i},A{i % 4},2024-0{1 + i % 9}-15,2024-1{i % 3}-15,1{i}.00\n" for i in range(2, 40))
    file.write_text(
        "Invoice No,Customer ID,Invoice Date,Due Date,Amount\n1,A1,2024-01-13,ask John Geheim,5.00\n"
        f"41,A1,2024-01-13,2024-02-13,see Geheim Holdings\n{rows}"
    )
    ledger = read_ledger(file)
    assert "Geheim" in ledger.rejected.to_string()
    written = write_report(
        run_study(ledger, compare=False, forecast=False, n_segments=2, names=["n_invoices"]), tmp_path / "out"
    )
    book = openpyxl.load_workbook(written["workbook"])
    texts = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row]
    texts += [written[key].read_text(encoding="utf-8") for key in ("report", "segments", "provenance")]
    assert not any("Geheim" in text for text in texts)


def test_text_from_the_data_is_escaped_where_it_meets_html(simulated, tmp_path):
    ledger = simulated.ledger
    customers = ledger.customers.assign(name=EVIL)
    evil = replace(ledger, customers=customers)
    page = write_report(run_study(evil, compare=False, n_segments=2), tmp_path, names=True)[
        "report"
    ].read_text(encoding="utf-8")
    assert EVIL not in page


def test_cells_that_a_spreadsheet_would_run_are_defused(written):
    table = safe_for_spreadsheets(
        pd.DataFrame({"=a": ["=1+1", "+2", "-3", "@x", "fine"], "n": [-1, 2, 3, 4, 5]})
    )
    assert table.iloc[:, 0].tolist() == ["'=1+1", "'+2", "'-3", "'@x", "fine"]
    assert table.columns[0] == "'=a"
    assert table["n"].tolist() == [-1, 2, 3, 4, 5]
    book = openpyxl.load_workbook(written["workbook"])
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row)


def test_segments_csv_has_every_customer_once_and_the_ledger_s_money(study, written):
    table = pd.read_csv(written["segments"], dtype={"customer_id": str})
    assert table["customer_id"].tolist() == study.features.frame.index.tolist()
    assert round(table["total_invoiced"].sum() * 100) == study.ledger.invoices["amount_minor"].sum()
    assert table["suggested_action"].notna().all()


def test_the_parquet_file_carries_values_counts_and_intervals(study, written):
    table = pd.read_parquet(written["features"])
    assert table.index.equals(study.features.frame.index)
    np.testing.assert_array_equal(table["mean_days_late"], study.features.frame["mean_days_late"])
    inside = table.dropna(subset=["mean_days_late.conf_low"])
    assert (inside["mean_days_late.conf_low"] <= inside["mean_days_late.conf_high"]).all()
    assert "total_invoiced.conf_low" not in table  # a fact has no interval


def test_the_workbook_repeats_the_key_figures(study, written):
    sheet = pd.read_excel(written["workbook"], sheet_name="Key figures", engine="calamine").set_index(
        "figure"
    )
    for kpi in study.kpis:
        assert sheet.loc[kpi.label, "value"] == pytest.approx(kpi.value, nan_ok=True)


def test_the_rule_of_each_segment_stands_in_page_and_workbook_with_what_it_is_worth(study, written, page):
    sheet = pd.read_excel(written["workbook"], sheet_name="Segments", engine="calamine").set_index("segment")
    assert study.explanation.by_segment
    for segment, rule in study.explanation.by_segment.items():
        condition = str(rule_selection(rule))
        letter = next(card.letter for card in study.segmentation.cards if card.segment == segment)
        assert sheet.loc[letter, "rule as condition"] == condition
        stated = study.explanation.rules.loc[segment, "precision"]
        assert sheet.loc[letter, "rule: precision held out"] == pytest.approx(stated)
        assert f"<code>{html.escape(condition)}</code>" in page


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(study, tmp_path):
    file = tmp_path / "occupied"
    file.write_text("")
    with pytest.raises(PaysegError, match="occupied"):
        write_report(study, file)


def test_money_is_written_to_the_penny(study):
    assert money(123456789, study.ledger) == "1,234,567.89"
    assert money(-5, study.ledger) == "-0.05"
    assert money(pd.NA, study.ledger) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.356, "ratio", "35.6 %"),
        (-3.561, "days", "-3.56 days"),
        (np.nan, "money", "–"),
        (1234.4, "count", "1,234"),
    ],
)
def test_figures_are_written_as_a_reader_expects(value, unit, text):
    assert figure(value, unit) == text


def test_a_ledger_without_a_credit_limit_or_a_name_still_makes_a_report(simulated, tmp_path):
    ledger = simulated.ledger
    bare = replace(ledger, customers=ledger.customers[["customer_id"]].assign(name=pd.Series(dtype="str")))
    study = run_study(bare, compare=False, forecast=False, n_segments=2)
    assert write_report(study, tmp_path)["report"].stat().st_size > 1_000_000
    assert not segments_table(study).empty


def test_features_table_names_each_part(study):
    columns = features_table(study).columns
    assert {"on_time_ratio", "on_time_ratio.n", "on_time_ratio.shrunken", "on_time_ratio.conf_low"} <= set(
        columns
    )
    assert len(compute_features(study.ledger, ["on_time_ratio"]).frame.columns) == 1


def test_every_group_and_pair_is_in_the_workbook_spreads_as_ratios(study, written):
    book = pd.read_excel(written["workbook"], sheet_name=None, engine="calamine")
    pairs = book["Group differences"]
    assert len(pairs) == len(study.groups.contrasts)
    report = study.groups.effects["sector", "spread"]
    own = pairs.query("by == 'sector' and outcome == 'spread'").reset_index(drop=True)
    ratios = np.exp(report.contrasts["conf_high"])
    np.testing.assert_allclose(own["conf_high"], ratios, rtol=1e-9)
    assert set(own["unit"]) == {"times"}
    groups = book["Groups"].query("by == 'sector' and outcome == 'spread'")
    np.testing.assert_allclose(groups["estimate"], np.exp(report.groups["estimate"]), rtol=1e-9)
    assert book["Groups and segments"]["by"].tolist() == ["region", "sector"]


def test_differences_shown_stand_on_the_page_the_higher_group_first(study):
    rows = group_tables(_with_gap(study).groups)["pairs"].rows
    by, outcome, higher, lower, difference, interval, *_ = rows[0]
    assert (by, outcome, higher, lower) == ("region", "Days late", "Far", "Near")
    low, high = map(float, interval.split(" to "))
    assert 0 < low < float(difference) < high
    page = report_html(_with_gap(study))
    assert "Customers with region Far pay" in page


def _with_gap(study):
    """The study with customers in two regions by how late they pay, so that there is a difference to show."""
    late = study.features.frame["mean_days_late"]
    known = pd.DataFrame({"region": np.where(late > late.median(), "Far", "Near")}, index=late.index)
    return replace(study, groups=compare_groups(study.features, study.ledger, known, tie=False))


def test_a_region_of_the_registered_office_is_said_to_be_one(study):
    known = study.groups.customers
    assert office_caution(study.groups) == ""
    offices = replace(study.groups, customers=known.assign(region_basis="registered office"))
    assert "accountant's" in office_caution(offices)
    assert "accountant&#39;s" in report_html(replace(study, groups=offices))


def test_region_and_sector_stand_beside_each_customer_where_they_are_known(study):
    table = segments_table(study).set_index("customer_id")
    known = study.groups.customers
    assert (table[["region", "sector"]] == known[["region", "sector"]].loc[table.index]).all(axis=None)
    nobody = replace(study.groups, customers=known.assign(region="unknown", sector="unknown"))
    assert "region" not in segments_table(replace(study, groups=nobody))


@pytest.fixture(scope="module")
def doubtful(study):
    """The same study after a verdict of no structure."""
    gate = replace(study.segmentation.gate, verdict="no structure")
    return replace(study, segmentation=replace(study.segmentation, gate=gate))


def test_after_no_structure_every_section_sheet_and_the_text_say_so(doubtful, tmp_path):
    caution = doubtful.segmentation.caution
    assert "not kinds of customer" in caution
    written = write_report(doubtful, tmp_path)
    page = written["report"].read_text(encoding="utf-8")
    for section in re.findall(r'<section id="\w+">.*?</section>', page, re.DOTALL):
        assert section.count(f'<p class="caution" role="note">{caution}</p>') == 1
    for sheet in openpyxl.load_workbook(written["workbook"]):
        assert sheet.cell(1, 1).value == caution
        assert sheet.oddHeader.left.text == caution
        assert sheet.cell(2, 1).value
    assert caution in study_text(doubtful)


def test_kinds_of_customer_need_no_caution(study, written, page):
    assert study.segmentation.caution == ""
    assert 'class="caution"' not in page
    assert openpyxl.load_workbook(written["workbook"])["Segments"].cell(1, 1).value == "segment"


def test_the_gate_is_drawn_before_anything_coloured(page):
    assert page.index("Are there kinds of customer?") < page.index('class="card"')


def test_each_row_of_the_customers_table_carries_the_verdict(written):
    assert set(pd.read_csv(written["segments"])["structure"]) == {"segments"}


def test_what_is_expected_stands_in_page_workbook_and_text_and_adds_up(study, written, page):
    forecast = study.outlook.forecast
    balance = study.invoices.outstanding.sum()
    assert forecast.balance_minor == balance
    weeks = pd.read_excel(written["workbook"], sheet_name="Cash by week", engine="openpyxl", header=None)
    start = int(np.flatnonzero(weeks[0] == "week beginning")[0])
    assert weeks[1].iloc[start + 1 :].astype(float).sum() == pytest.approx(
        balance / study.ledger.minor_per_unit
    )
    sheet = pd.read_excel(written["workbook"], sheet_name="Open invoices", engine="openpyxl", header=None)
    assert len(sheet) - int(np.flatnonzero(sheet[0] == "invoice_id")[0]) - 1 == len(forecast.invoices)
    for text in (*study.outlook.sentences, "Who will pay when", *study.outlook.reasons):
        assert html.escape(text, quote=False) in page.replace("&#39;", "'").replace("&#34;", '"')
    assert all(told in study_text(study) for told in study.outlook.sentences)
    assert study.outlook.past is not None
    for told in study.outlook.reasons.values():
        assert told.table["points"].sum() == pytest.approx(100 * (told.chance - told.typical))


def test_without_a_forecast_the_report_says_why(study, tmp_path):
    told = "No forecast: no invoice is open on 2024-12-31: there is nothing to forecast."
    written = write_report(replace(study, outlook=Outlook(None, notes=(told,))), tmp_path)
    assert told in written["report"].read_text(encoding="utf-8")
    assert pd.read_excel(written["workbook"], sheet_name="Open invoices", engine="openpyxl").empty


def test_what_to_do_stands_in_page_workbook_files_and_text(study, written, page):
    strategy = study.strategy
    section = re.search(r'<section id="do">.*?</section>', page, re.DOTALL)[0]
    told = html.unescape(section)
    for sentence in strategy.sentences:
        assert sentence in told
        assert sentence in study_text(study)
    for row in strategy.key_figures.table.itertuples():
        assert row.label in told
        assert row.definition in told
    for name in (*strategy.key_figures.riskiest.index, *strategy.worklist.calls["customer_id"].head(25)):
        assert f">{name}<" in section
    assert section.count('<svg class="spark"') == len(strategy.key_figures.trend.columns)
    assert "cannot be right" not in section
    assert written["policy"].read_text(encoding="utf-8") == strategy.plan.policy.to_yaml()
    calls = pd.read_csv(written["worklist"], dtype={"customer_id": str})
    assert calls["customer_id"].tolist() == strategy.worklist.calls["customer_id"].tolist()


def test_the_workbook_s_sheets_of_what_to_do_add_up_to_the_ledger(study, written):
    sheets = pd.read_excel(written["workbook"], sheet_name=None, engine="calamine")
    owed = study.invoices.outstanding.sum() / study.ledger.minor_per_unit
    assert sheets["Clusters"]["outstanding"].iloc[-1] == pytest.approx(owed)
    assert sheets["Actions"].groupby("scope")["outstanding"].sum().tolist() == pytest.approx([owed, owed])
    assert sheets["Invoice actions"]["outstanding"].sum() == pytest.approx(owed)
    assert sheets["Ageing to come"]["in_30_days"].sum() == pytest.approx(owed)
    assert sheets["Delay scenario"]["base_expected"].sum() == pytest.approx(owed)
    assert sheets["Reserves"]["balance"].sum() == pytest.approx(owed)
    assert sheets["Self-check"].empty
    figures = sheets["Risk figures"].set_index("label")
    assert figures.loc["Outstanding", "value"] == pytest.approx(owed)
    assert sheets["Trend"]["Outstanding"].iloc[-1] == pytest.approx(owed)
    late = study.strategy.plan.customers["late_probability"].mean()
    assert figures.loc["Mean late probability", "value"] == pytest.approx(late)
    assert len(sheets["Riskiest"]) == 10
    table = pd.read_csv(written["segments"], dtype={"customer_id": str}).set_index("customer_id")
    assert table["action"].to_dict() == study.strategy.plan.customers["action"].to_dict()


def test_a_figure_that_cannot_be_right_is_printed_in_page_and_text_and_ids_are_escaped(study):
    """The table of a published paper: a probability of 11, and 47.55 % that is 52.3 % of its counts."""
    table = pd.DataFrame(
        {"n": [523, 477], "share": [0.4755, 0.5245], "late": [11.0, 0.2]}, index=["A<b>", "B"]
    )
    claims = Claims(
        name="printed", table=table, probabilities=("late",), shares={"share": "n"}, rounding=0.00005
    )
    figures = study.strategy.key_figures
    hostile = replace(figures, riskiest=figures.riskiest.rename(index=lambda _: EVIL))
    strategy = replace(study.strategy, findings=check_tables(claims), key_figures=hostile)
    wrong = replace(study, strategy=strategy)
    page = report_html(wrong)
    alert = html.unescape(re.search(r'<div class="alert" role="alert">.*?</div>', page, re.DOTALL)[0])
    assert "printed, late, row A<b>: 11.00 lies outside 0 to 1." in alert
    assert "0.4755 is told, but 523 of 1,000 n is 0.5230." in alert
    assert "A<b>" not in page
    assert EVIL not in page
    assert html.escape(EVIL, quote=False) in page.replace("&#34;", '"')
    assert "This cannot be right: printed, late" in study_text(wrong)


def test_who_is_risky_is_called_by_name_only_where_that_was_asked_for(study, page):
    riskiest = study.strategy.key_figures.riskiest.index[0]
    name = study.ledger.customers.set_index("customer_id").loc[riskiest, "name"]
    assert f">{riskiest}<" in page
    assert f">{riskiest} {html.escape(name)}<" in report_html(study, names=True)


def test_without_a_strategy_the_report_says_so_and_writes_no_policy(study, tmp_path):
    without = replace(study, strategy=Strategy(None, notes=("No strategy was asked for.",)))
    written = write_report(without, tmp_path)
    assert "No strategy was asked for." in written["report"].read_text(encoding="utf-8")
    assert not {"policy", "worklist"} & set(written)
    assert "Actions" not in openpyxl.load_workbook(written["workbook"]).sheetnames


@pytest.fixture
def by_files(study, monkeypatch):
    """The study with quick pages, for what becomes of the files beside them."""
    monkeypatch.setattr(write, "report_html", lambda *_, **__: "")
    monkeypatch.setattr(write, "write_workbook", lambda *_, **__: None)
    return study


def test_a_policy_that_was_edited_is_left_alone_and_the_one_used_stands_beside_it(by_files, tmp_path):
    policy = write_report(by_files, tmp_path)["policy"]
    assert policy.name == "policy.yaml"
    assert write_report(by_files, tmp_path)["policy"] == policy  # not edited
    used = by_files.strategy.plan.policy.to_yaml()
    mine = "# mine\n" + used.replace("loss_days: 180", "loss_days: 90")
    policy.write_text(mine, encoding="utf-8")
    beside = write_report(by_files, tmp_path)["policy"]
    assert (beside.name, beside.read_text(encoding="utf-8")) == ("policy-used.yaml", used)
    assert policy.read_text(encoding="utf-8") == mine
    commented = f"# why\n{used}"
    kept = write_report(by_files, tmp_path / "new", policy_text=commented)["policy"]
    assert kept.read_text(encoding="utf-8") == commented
    with pytest.raises(StrategyError, match="not the policy of this study"):
        write_report(by_files, tmp_path, policy_text=mine)


def test_a_worklist_of_an_earlier_run_goes_unless_contacts_are_noted_in_it(by_files, tmp_path):
    without = replace(by_files, strategy=replace(by_files.strategy, worklist=None))
    calls = write_report(by_files, tmp_path)["worklist"]
    assert "worklist" not in write_report(without, tmp_path)
    assert not calls.exists()
    assert (tmp_path / "policy.yaml").exists()
    table = pd.read_csv(write_report(by_files, tmp_path)["worklist"], dtype=str)
    table.assign(contacted_on="2025-01-02").to_csv(calls, index=False)
    write_report(without, tmp_path)
    assert calls.exists()
