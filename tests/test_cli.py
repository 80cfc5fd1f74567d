"""The command line, as an analyst types it."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

from payseg_widgets import default_policy
from payseg_widgets.cli import main
from payseg_widgets.commands import table_files
from payseg_widgets.errors import PaysegError
from payseg_widgets.ledger.export import write_export

pytestmark = pytest.mark.usefixtures("quick_forecasts")


@pytest.fixture(scope="module")
def export(tmp_path_factory, simulated):
    return write_export(simulated.ledger, tmp_path_factory.mktemp("export"))


def test_run_writes_every_artefact_without_names(export, simulated, tmp_path, capsys):
    assert (
        main(["run", *map(str, export), "--out", str(tmp_path), "--no-compare", "--segments", "3", "--quiet"])
        == 0
    )
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == [
        "features.parquet", "policy.yaml", "report.html", "segments.csv", "study.json", "study.xlsx", "worklist.csv",
    ]  # fmt: skip
    assert "report.html" in capsys.readouterr().out
    name = simulated.ledger.customers["name"].dropna().iloc[0]
    for file in ("report.html", "segments.csv", "study.json", "worklist.csv"):
        assert name not in (tmp_path / file).read_text(encoding="utf-8")


def test_names_come_along_when_asked_for(export, simulated, tmp_path):
    assert (
        main(
            [
                "run",
                *map(str, export),
                "--out",
                str(tmp_path),
                "--names",
                "--no-compare",
                "--no-forecast",
                "--no-forecast",
                "--segments",
                "2",
                "--quiet",
            ]
        )
        == 0
    )
    name = simulated.ledger.customers["name"].dropna().iloc[0]
    assert name in (tmp_path / "segments.csv").read_text(encoding="utf-8")


def test_the_written_study_says_how_it_was_made(export, tmp_path):
    assert (
        main(
            [
                "run",
                *map(str, export),
                "--out",
                str(tmp_path),
                "--no-compare",
                "--no-forecast",
                "--seed",
                "7",
                "--quiet",
            ]
        )
        == 0
    )
    study = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    assert study["provenance"]["seed"] == 7
    assert study["provenance"]["ledger"]
    assert study["late_rule"] == "late = paid after the due date"


def test_check_prints_what_was_read_and_exits_0(export, simulated, capsys):
    assert main(["check", *map(str, export)]) == 0
    printed = capsys.readouterr().out
    assert f"{len(simulated.ledger.invoices):,} invoices of" in printed
    assert "accepted" in printed


def test_check_lists_rejected_rows_and_is_strict_when_asked(tmp_path, capsys):
    bad = tmp_path / "invoices.csv"
    bad.write_text(
        "Invoice No,Customer ID,Invoice Date,Due Date,Amount\n1,=cmd,2024-01-13,2024-02-13,oops\n2,A,2024-01-14,2024-02-14,5.00\n"
    )
    out = tmp_path / "rejected.csv"
    assert main(["check", str(bad), "--strict", "--rejected", str(out)]) == 1
    rejected = pd.read_csv(out)
    assert rejected["source_row"].tolist() == [1]
    assert "oops" in rejected["value"].iloc[0]
    assert "rejected" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "quoted"),
    [
        (["check", "no_such_file.csv"], "no_such_file.csv"),
        (["check", "payments=only.csv"], "payments=only.csv"),
        (["run", "no_such_file.csv", "--out", "x"], "no_such_file.csv"),
    ],
)
def test_a_wrong_input_is_one_line_that_quotes_it_and_exit_2(arguments, quoted, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert quoted in error
    assert "Traceback" not in error


def test_a_mapping_a_rate_and_an_as_of_reach_the_reader(tmp_path, capsys):
    file = tmp_path / "ar.csv"
    file.write_text(
        "Doc,Account,Raised,Payable,Gross\nX1,A,2024-01-13,2024-02-13,GBP 5.00\nX2,A,2024-01-14,2024-02-14,EUR 10.00\n"
    )
    mapping = ["invoice_id=Doc", "customer_id=Account", "issued_on=Raised", "due_on=Payable", "amount=Gross"]
    arguments = [part for pair in mapping for part in ("--map", pair)]
    assert (
        main(
            [
                "check",
                str(file),
                *arguments,
                "--currency",
                "GBP",
                "--rate",
                "EUR=0.86",
                "--as-of",
                "2024-03-01",
            ]
        )
        == 0
    )
    printed = capsys.readouterr().out
    assert "as of 2024-03-01, GBP" in printed
    assert "13.60" in printed  # 5.00 + 0.86 x 10.00


def test_ids_can_be_pseudonymised_with_a_key_from_the_environment(export, tmp_path, monkeypatch):
    monkeypatch.setenv("LEDGER_KEY", "correct horse battery staple")
    arguments = [
        "run",
        *map(str, export),
        "--out",
        str(tmp_path),
        "--no-compare",
        "--no-forecast",
        "--segments",
        "2",
        "--quiet",
    ]
    assert main([*arguments, "--pseudonym-key-env", "LEDGER_KEY"]) == 0
    ids = pd.read_csv(tmp_path / "segments.csv")["customer_id"]
    assert ids.str.startswith("C-").all()
    assert "correct horse" not in (tmp_path / "study.json").read_text(encoding="utf-8")


def test_a_missing_key_is_an_error_that_names_the_variable(export, capsys):
    assert main(["check", *map(str, export), "--pseudonym-key-env", "NO_SUCH_KEY"]) == 2
    assert "NO_SUCH_KEY" in capsys.readouterr().err


def test_two_files_for_one_table_are_an_error():
    with pytest.raises(PaysegError, match="payments"):
        table_files(["invoices.csv", "payments_2023.csv", "payments_2024.csv"])


def test_help_names_every_command():
    shown = subprocess.run(
        [sys.executable, "-m", "payseg_widgets.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for command in ("demo", "check", "run", "models"):
        assert f"payseg {command}" in shown.stdout


def test_the_demo_says_where_its_report_is(tmp_path, capsys):
    assert (
        main(
            ["demo", "--out", str(tmp_path), "--customers", "80", "--no-compare", "--no-forecast", "--quiet"]
        )
        == 0
    )
    told = capsys.readouterr().out
    assert str(tmp_path / "report.html") in told
    assert (tmp_path / "ledger" / "invoices.csv").exists()
    assert "Looked up on the register: " in told
    assert pd.read_csv(tmp_path / "segments.csv")["sector"].ne("unknown").all()
    study = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    assert study["provenance"]["customers"]["source"] == "companies_house_bulk"


def test_region_and_sector_can_be_given_or_left_out(export, simulated, tmp_path, capsys):
    ids = simulated.ledger.customers["customer_id"]
    known = pd.DataFrame({"customer_id": ids, "region": "Wales", "sector": "Mining"})
    known.loc[:70, "region"] = "London"
    known.to_csv(tmp_path / "known.csv", index=False)
    quick = ["run", *map(str, export), "--out", str(tmp_path / "out"), "--no-compare", "--no-forecast"]
    quick += ["--no-strategy", "--segments", "2", "--quiet"]
    assert main([*quick, "--enrichment", str(tmp_path / "known.csv")]) == 0
    assert "by region in “Days late”" in capsys.readouterr().out
    segments = pd.read_csv(tmp_path / "out" / "segments.csv")
    assert set(segments["sector"]) == {"Mining"}
    study = json.loads((tmp_path / "out" / "study.json").read_text(encoding="utf-8"))
    assert study["provenance"]["customers"]["file"] == "known.csv"
    assert len(study["provenance"]["customers"]["sha256"]) == 64
    assert main([*quick, "--no-effects"]) == 0
    assert "No groups were compared, as asked." in capsys.readouterr().out
    assert main([*quick, "--enrichment", str(tmp_path / "nowhere.csv")]) == 2
    assert "nowhere.csv' for --enrichment" in capsys.readouterr().err
    known.assign(customer_id=known["customer_id"] + "x").to_csv(tmp_path / "other.csv", index=False)
    assert main([*quick, "--enrichment", str(tmp_path / "other.csv")]) == 2
    assert "none of the 150 customers with invoices is among the 150 told of" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--register", "--enrichment"])
def test_customers_under_pseudonyms_are_not_looked_for(export, tmp_path, monkeypatch, capsys, option):
    monkeypatch.setenv("PSEUDONYM_KEY", "k" * 32)
    arguments = ["run", *map(str, export), "--out", str(tmp_path), "--quiet", option, str(tmp_path)]
    assert main([*arguments, "--pseudonym-key-env", "PSEUDONYM_KEY"]) == 2
    assert "customers go by pseudonyms here and are not to be found in" in capsys.readouterr().err


def test_a_policy_reaches_the_report_and_a_wrong_one_is_told_before_anything_is_computed(
    export, tmp_path, capsys
):
    policy = tmp_path / "mine.yaml"
    text = default_policy().to_yaml()
    mine = "# my reason\n" + text.replace("min_loss_ratio: 0.5", "min_loss_ratio: 0.25")
    policy.write_text(mine, encoding="utf-8")
    arguments = ["run", *map(str, export), "--out", str(tmp_path / "out"), "--no-compare", "--no-forecast"]
    arguments += ["--segments", "2", "--quiet", "--policy", str(policy)]
    assert main(arguments) == 0
    assert "customers are to be followed up or restricted" in capsys.readouterr().out
    assert (tmp_path / "out" / "policy.yaml").read_text(encoding="utf-8") == mine
    assert main(arguments[:-2]) == 0  # without it: what is there is left alone
    assert (tmp_path / "out" / "policy.yaml").read_text(encoding="utf-8") == mine
    assert "the policy used is policy-used.yaml" in capsys.readouterr().out
    policy.write_text(text.replace("min_loss_ratio: 0.5", "min_loss_ratio: 1.5"), encoding="utf-8")
    assert main([*arguments[:-2], "--policy", str(policy), "--out", str(tmp_path / "none")]) == 2
    assert "1.5 is no number from 0 to 1" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_no_strategy_leaves_it_out(export, tmp_path):
    arguments = ["run", *map(str, export), "--out", str(tmp_path), "--no-compare", "--no-forecast"]
    assert main([*arguments, "--segments", "2", "--quiet", "--no-strategy"]) == 0
    study = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    assert study["strategy"] == ["No strategy was asked for."]
    assert study["provenance"]["parameters"]["strategy"] is False
    assert not (tmp_path / "policy.yaml").exists()


def test_two_sheets_of_one_workbook_are_two_tables(tmp_path, capsys):
    book = tmp_path / "ar.xlsx"
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame({"note": ["printed on Monday"]}).to_excel(writer, sheet_name="Cover", index=False)
        pd.DataFrame(
            {
                "Invoice No": ["1", "2"],
                "Customer ID": ["A", "B"],
                "Invoice Date": ["2024-01-13"] * 2,
                "Due Date": ["2024-02-13"] * 2,
                "Amount": [100.5, 200.25],
            }
        ).to_excel(writer, sheet_name="Open", index=False)
        pd.DataFrame({"Invoice No": ["2"], "Payment Date": ["2024-02-20"], "Amount": [200.25]}).to_excel(
            writer, sheet_name="Cash", index=False
        )
    files = [f"invoices={book}", f"payments={book}"]
    assert main(["check", *files, "--sheet", "invoices=Open", "--sheet", "payments=Cash"]) == 0
    assert "2 invoices of 2 customers, 1 payments" in capsys.readouterr().out
    assert main(["check", *files]) == 2
    assert "--sheet" in capsys.readouterr().err


def test_errors_say_how_an_option_is_written_on_the_command_line(tmp_path, capsys):
    file = tmp_path / "invoices.csv"
    file.write_text("Invoice No,Customer ID,Invoice Date,Due Date,Amount\n1,A,01/02/2024,03/04/2024,5.00\n")
    assert main(["check", str(file)]) == 2
    assert "--dayfirst or --monthfirst" in capsys.readouterr().err


def test_one_segment_is_refused_by_the_parser(capsys):
    with pytest.raises(SystemExit):
        main(["demo", "--segments", "1"])
    assert "'1' is not a whole number above 1" in capsys.readouterr().err


def test_models_writes_why_each_worked_or_did_not(export, simulated, tmp_path, capsys):
    options = ["--models", "kmeans,kmedoids", "--segments", "3", "--quiet"]
    assert main(["models", *map(str, export), "--out", str(tmp_path / "new"), *options]) == 0
    written = (tmp_path / "new" / "attempted_models.md").read_text(encoding="utf-8")
    assert [line for line in written.splitlines() if line.startswith("## K-")] in (
        ["## K-means", "## K-medoids"],
        ["## K-medoids", "## K-means"],
    )
    assert "Two periods:" in written
    out = capsys.readouterr().out
    assert "attempted_models.md" in out
    assert "K-medoids: " in out
    for name in simulated.ledger.customers["name"].dropna():
        assert name not in written + out


def test_a_budget_of_nothing_is_said_as_it_is_typed(export, tmp_path, capsys):
    assert (
        main(["models", *map(str, export), "--out", str(tmp_path), "--budget-seconds", "0", "--quiet"]) == 2
    )
    assert "--budget-seconds" in capsys.readouterr().err
