"""The ``payseg`` command: what can be typed, and how an error is told."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from payseg_widgets import __version__, commands
from payseg_widgets.errors import Cancelled, PaysegError

_DESCRIPTION = """\
Learn from an accounts-receivable ledger which kinds of payers there are, how sure that is,
and what to do about each customer.

  payseg demo                           simulate a ledger and write its report
  payseg check invoices.csv             read a ledger; say what was accepted, repaired, rejected
  payseg run invoices.csv --out report  read, segment, write report.html and its tables
  payseg models invoices.csv --out DIR  compare every clustering model on the ledger
  payseg enrich customers.csv --out DIR region, sector and age of each customer, from a register
  payseg lab invoices.csv               explore the ledger in JupyterLab
  payseg board invoices.csv             show what to do to people without Jupyter, behind a token
"""

_FILES = """\
FILES are CSV, TSV, Excel or Parquet. One flat table (an invoice a row, with a settled date and/or a paid amount)
is enough. Further tables are recognised by their file names (payments.csv, credit_notes.xlsx, reminders...,
disputes..., customers...) or named outright: payments=cash_2024.csv. Columns are found by heading and content;
`payseg check` prints every such decision, and --map overrides it: --map amount="Inv Total".
"""

_WRITTEN = """\
Written to DIR: report.html (self-contained, opens offline, brushes without a server), segments.csv, features.parquet,
study.xlsx, study.json (provenance), policy.yaml (which action when), worklist.csv (whom to call). They
carry customer ids and no names unless --names is given.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code (0 done, 1 rows rejected under --strict, 2 error, 130 cancelled)."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except PaysegError as error:
        if isinstance(error, Cancelled):
            print(f"payseg: {error}", file=sys.stderr)
            return 130
        print(f"payseg: {error}{_on_the_command_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("payseg: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `payseg check ... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


#: What an error calls by its Python name, and how it is said on the command line.
_SAID = {
    "mapping=": "--map ROLE=COLUMN",
    "dayfirst=": "--dayfirst or --monthfirst",
    "decimal=": "--decimal",
    "currency=": "--currency",
    "rates=": "--rate CODE=RATE",
    "terms_days=": "--terms-days",
    "sheet=": "--sheet",
    "encoding=": "--encoding",
    "delimiter=": "--delimiter",
    "n_segments=": "--segments",
    "budget_seconds=": "--budget-seconds",
    "names=": "--features",
    "as_of=": "--as-of",
    "undated_payments=": "--undated-payments",
}


def _on_the_command_line(message: str) -> str:
    """Say how the options that a message names are written here; empty where it names none."""
    said = [f"{name} is {option}" for name, option in _SAID.items() if name in message]
    return f"\n(on the command line: {'; '.join(said)})" if said else ""


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("payseg", description=_DESCRIPTION, formatter_class=formatter)
    parser.add_argument("--version", action="version", version=f"payseg {__version__}")
    known = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = known.add_parser(
        "demo",
        help="simulate a ledger and write its report",
        description="Simulate a ledger with a known truth and a register of companies, run the whole line over them,\n"
        "and say where the report is.",
    )
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("payseg-demo"),
        metavar="DIR",
        help="where to write (default: %(default)s)",
    )
    demo.add_argument(
        "--customers",
        type=_positive,
        default=400,
        metavar="N",
        help="how many customers (default: %(default)s)",
    )
    demo.add_argument(
        "--world",
        choices=["easy", "realistic", "structureless"],
        default="easy",
        help="what to simulate: clear types of payer, overlapping ones as in practice, or none (default: %(default)s)",
    )
    demo.set_defaults(run=commands.demo, names=False, register=None, enrichment=None)
    _add_study_options(demo)

    check = known.add_parser(
        "check",
        help="read a ledger and say what was accepted and rejected",
        description=f"Read a ledger and print what was understood, repaired and rejected, to the penny.\n\n{_FILES}",
        formatter_class=formatter,
    )
    _add_reading_options(check, files="+")
    check.add_argument(
        "--rejected",
        type=Path,
        metavar="FILE",
        help="write every rejected row with its reason to this CSV file",
    )
    check.add_argument("--strict", action="store_true", help="exit with 1 if any row was rejected")
    check.set_defaults(run=commands.check)

    run = known.add_parser(
        "run",
        help="read a ledger, segment it, write the report",
        description=f"Read a ledger, compute features and segments, write the report.\n\n{_FILES}\n{_WRITTEN}",
        formatter_class=formatter,
    )
    _add_reading_options(run, files="+")
    run.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    run.add_argument(
        "--names", action="store_true", help="carry customer names into the report and the tables"
    )
    run.set_defaults(run=commands.run)
    _add_study_options(run)
    _add_who_they_are(run)
    _add_models(known)
    _add_enrich(known)
    _add_lab(known)
    _add_board(known)
    return parser


def _add_enrich(known: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    enrich = known.add_parser(
        "enrich",
        help="find out region, sector and age of each customer",
        description="Look customers up on the register of companies and write to DIR what it says of each: enrichment.csv,\n"
        "fields.csv (every value with source, date and probability) and journal.sqlite, which remembers every answer:\n"
        "run again, the command asks only for what is missing. Without --register and --api only the ledger speaks.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    enrich.add_argument(
        "customers", type=Path, metavar="CUSTOMERS", help="table of customers: CSV, TSV, Excel or Parquet"
    )
    enrich.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    source = enrich.add_mutually_exclusive_group()
    source.add_argument(
        "--register",
        type=Path,
        metavar="FILE",
        help="the register's monthly bulk file, CSV or ZIP; no customer's name leaves this machine",
    )
    source.add_argument(
        "--api",
        nargs="?",
        const="",
        metavar="URL",
        help="ask Companies House, or a server at URL with the same interface; the key is read from "
        "COMPANIES_HOUSE_API_KEY or the keyring",
    )
    enrich.add_argument(
        "--journal", type=Path, metavar="FILE", help="where answers are kept (default: DIR/journal.sqlite)"
    )
    enrich.add_argument(
        "--map", action="append", default=[], type=_pair, metavar="ROLE=COLUMN",
        help='where a role is found, e.g. --map name="Account Title"',
    )  # fmt: skip
    enrich.add_argument(
        "--region-from",
        choices=["registered office", "ledger"],
        default="registered office",
        help="whose region is used where both say one (default: %(default)s)",
    )
    enrich.add_argument(
        "--postcodes", type=Path, metavar="FILE", help="an ONS Postcode Directory: makes regions exact"
    )
    enrich.add_argument("--as-of", metavar="DATE", help="for ages (default: today)")
    enrich.add_argument(
        "--max-age-days",
        type=float,
        default=90.0,
        metavar="N",
        help="answers older than this are asked for again (default: %(default)s)",
    )
    enrich.add_argument(
        "--retry-failed", action="store_true", help="ask again for customers whose search failed"
    )
    enrich.add_argument("--names", action="store_true", help="write names and numbers of companies too")
    enrich.add_argument("--quiet", action="store_true", help="print no progress")
    enrich.set_defaults(run=commands.enrich)


def _add_models(known: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = known.add_parser(
        "models",
        help="compare every clustering model on a ledger",
        description="Try every clustering model on the same customers, on two periods of the ledger, and write to\n"
        f"DIR/attempted_models.md why each worked or did not.\n\n{_FILES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_reading_options(models, files="+")
    models.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    models.set_defaults(run=commands.models)
    group = models.add_argument_group("comparison")
    group.add_argument(
        "--models",
        type=_names,
        metavar="A,B,...",
        help="models to try, such as kmeans,hdbscan (default: all)",
    )
    group.add_argument(
        "--budget-seconds",
        type=float,
        default=120.0,
        metavar="S",
        help="a model that takes longer is stopped at its next step (default: %(default)s)",
    )
    _add_common_options(group)


def _add_lab(known: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lab = known.add_parser(
        "lab",
        help="explore a ledger in JupyterLab",
        description="Write a notebook that reads the files, or simulates a ledger where none is given, and shows it as\n"
        f"a workbench; then start JupyterLab on it. No file is replaced.\n\n{_FILES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_reading_options(lab, files="*")
    lab.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where to write the notebook (default: beside the invoices, else here)",
    )
    lab.add_argument("--no-browser", action="store_true", help="start JupyterLab without opening a browser")
    lab.set_defaults(run=commands.lab)


def _add_board(known: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    board = known.add_parser(
        "board",
        help="serve the strategy board as a page",
        description="Study a ledger once and serve what to do about each customer as a page: key figures, actions, what if,\n"
        "whom to call. Viewers set scenarios of their own and nothing else; they run no code. Only who has the printed\n"
        f"address, with its token, sees it.\n\n{_FILES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_reading_options(board, files="+")
    board.add_argument("--names", action="store_true", help="show customers' names beside their ids")
    board.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where to listen; any but the default lets other machines in, unencrypted (default: %(default)s)",
    )
    board.add_argument(
        "--port", type=_port, default=8866, metavar="N", help="(default: %(default)s, or one near it)"
    )
    board.add_argument("--no-browser", action="store_true", help="do not open the page in a browser")
    board.set_defaults(
        run=commands.board,
        no_compare=True,
        no_strategy=False,
        no_effects=True,
    )
    _add_study_options(board, reports=False)
    _add_who_they_are(board)


def _add_study_options(parser: argparse.ArgumentParser, *, reports: bool = True) -> None:
    group = parser.add_argument_group("segmentation")
    group.add_argument(
        "--model",
        default="kmeans",
        help="such as kmeans, hierarchical, gaussian_mixture or hdbscan; an unknown name lists all (default: %(default)s)",
    )
    if reports:
        group.add_argument(
            "--no-compare",
            action="store_true",
            help="neither try the other models, forecast past days, nor ask if regions and sectors form clusters",
        )
        group.add_argument("--no-effects", action="store_true", help="do not compare regions and sectors")
    group.add_argument(
        "--no-forecast", action="store_true", help="do not forecast when open invoices are paid"
    )
    either = group.add_mutually_exclusive_group()
    if reports:
        either.add_argument(
            "--no-strategy", action="store_true", help="choose no actions, and leave out what goes with them"
        )
    either.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="which action when, as the policy.yaml beside a report (default: ours)",
    )
    _add_common_options(group)


def _add_who_they_are(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("region and sector of customers (default: what the ledger says)")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--register",
        type=Path,
        metavar="FILE",
        help="the register's monthly bulk file, CSV or ZIP, or the folder made of it: customers are looked up in it; "
        "where the ledger has a postcode the region is taken from that",
    )
    either.add_argument(
        "--enrichment", type=Path, metavar="FILE", help="the enrichment.csv that payseg enrich wrote"
    )


def _add_common_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--segments",
        type=_two_or_more,
        metavar="N",
        help="number of segments (default: chosen from the data)",
    )
    group.add_argument(
        "--features",
        type=_names,
        metavar="A,B,...",
        help="features to segment by (default: a recommended set)",
    )
    group.add_argument("--seed", type=int, default=0, help="decides every random step (default: %(default)s)")
    group.add_argument("--quiet", action="store_true", help="print no progress")


def _add_reading_options(parser: argparse.ArgumentParser, *, files: str) -> None:
    parser.add_argument(
        "files",
        nargs=files,
        metavar="FILES",
        help="the ledger's tables; the first is the invoices unless named otherwise",
    )
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="ROLE=COLUMN",
        help='where a role is found, e.g. --map amount="Inv Total" or --map payments.paid_on=Date',
    )
    group.add_argument(
        "--as-of", metavar="DATE", help="the day of the export (default: the last day anything happened)"
    )
    order = group.add_mutually_exclusive_group()
    order.add_argument(
        "--dayfirst", dest="dayfirst", action="store_true", default=None, help="dates are day/month/year"
    )
    order.add_argument("--monthfirst", dest="dayfirst", action="store_false", help="dates are month/day/year")
    group.add_argument(
        "--decimal", choices=[".", ","], help="the decimal mark, where the amounts do not tell"
    )
    group.add_argument(
        "--sheet",
        action="append",
        default=[],
        metavar="[TABLE=]NAME",
        help="sheet of a workbook; per table where they share one: invoices=ar.xlsx payments=ar.xlsx "
        "--sheet invoices=Open --sheet payments=Cash",
    )
    group.add_argument("--encoding", help="of text files, e.g. cp1252 (default: found from the bytes)")
    group.add_argument("--delimiter", metavar="CHAR", help="between cells of text files (default: found)")
    group.add_argument("--currency", metavar="CODE", help="currency of the ledger, e.g. GBP")
    group.add_argument(
        "--rate",
        action="append",
        default=[],
        type=_pair,
        metavar="CODE=RATE",
        help="value of one unit of another currency, e.g. --rate EUR=0.86",
    )
    group.add_argument(
        "--late-rule",
        choices=["due_date", "next_business_day"],
        default="due_date",
        help="which day counts (default: %(default)s)",
    )
    group.add_argument(
        "--grace-days",
        type=int,
        default=0,
        metavar="N",
        help="days after it that still count as on time (default: 0)",
    )
    group.add_argument("--country", default="GB", help="whose public holidays count (default: %(default)s)")
    group.add_argument(
        "--terms-days", type=int, metavar="N", help="payment terms, where the export has no due dates"
    )
    group.add_argument(
        "--undated-payments",
        choices=["refuse", "open"],
        default="refuse",
        help="where most of the paid money has no date: stop, or read those invoices as open (default: %(default)s)",
    )
    group.add_argument(
        "--pseudonym-key-env",
        metavar="VARIABLE",
        help="environment variable that holds a key: replace ids and names by pseudonyms made with it",
    )


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number


def _port(text: str) -> int:
    number = _positive(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: they go from 1 to 65535")
    return number


def _two_or_more(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number above 1: one segment is no segmentation"
        )
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    raise SystemExit(main())
