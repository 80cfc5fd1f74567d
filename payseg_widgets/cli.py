"""The ``payseg`` command: argument parsing and printing, nothing else."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payseg_widgets import __version__
from payseg_widgets.errors import Cancelled, PaysegError

if TYPE_CHECKING:
    from payseg_widgets.ledger.schema import Ledger
    from payseg_widgets.study import Study

TABLES = ("invoices", "payments", "credit_notes", "reminders", "disputes", "customers")

_DESCRIPTION = """\
Learn from an accounts-receivable ledger which kinds of payers there are, how sure that is,
and what to do about each customer.

  payseg demo                           simulate a ledger and write its report
  payseg check invoices.csv             read a ledger; say what was accepted, repaired, rejected
  payseg run invoices.csv --out report  read, segment, write report.html and its tables
"""

_FILES = """\
FILES are CSV, TSV, Excel or Parquet. One flat table (an invoice a row, with a settled date and/or a paid amount)
is enough. Further tables are recognised by their file names (payments.csv, credit_notes.xlsx, reminders...,
disputes..., customers...) or named outright: payments=cash_2024.csv. Columns are found by heading and content;
`payseg check` prints every such decision, and --map overrides it: --map amount="Inv Total".
"""

_WRITTEN = """\
Written to DIR: report.html (self-contained, opens offline, brushes without a server), segments.csv, features.parquet,
study.xlsx, study.json (provenance). They carry customer ids and no names unless --names is given.
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
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser(
        "demo",
        help="simulate a ledger and write its report",
        description="Simulate a ledger with a known truth, run the whole line over it, and say where the report is.",
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
    demo.set_defaults(run=_demo, names=False)
    _add_study_options(demo)

    check = commands.add_parser(
        "check",
        help="read a ledger and say what was accepted and rejected",
        description=f"Read a ledger and print what was understood, repaired and rejected, to the penny.\n\n{_FILES}",
        formatter_class=formatter,
    )
    _add_reading_options(check)
    check.add_argument(
        "--rejected",
        type=Path,
        metavar="FILE",
        help="write every rejected row with its reason to this CSV file",
    )
    check.add_argument("--strict", action="store_true", help="exit with 1 if any row was rejected")
    check.set_defaults(run=_check)

    run = commands.add_parser(
        "run",
        help="read a ledger, segment it, write the report",
        description=f"Read a ledger, compute features and segments, write the report.\n\n{_FILES}\n{_WRITTEN}",
        formatter_class=formatter,
    )
    _add_reading_options(run)
    run.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    run.add_argument(
        "--names", action="store_true", help="carry customer names into the report and the tables"
    )
    run.set_defaults(run=_run)
    _add_study_options(run)
    return parser


def _add_study_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("segmentation")
    group.add_argument(
        "--model",
        default="kmeans",
        help="kmeans, hierarchical, gaussian_mixture or hdbscan (default: %(default)s)",
    )
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
    group.add_argument("--no-compare", action="store_true", help="do not try the other models")
    group.add_argument("--seed", type=int, default=0, help="decides every random step (default: %(default)s)")
    group.add_argument("--quiet", action="store_true", help="print no progress")


def _add_reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
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
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number


def _two_or_more(text: str) -> int:
    if not text.isdigit() or int(text) < 2:
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


def table_files(files: Sequence[str]) -> dict[str, Any]:
    """Say which file holds which table.

    ``table=path`` is taken at its word; else the file's name decides; else it is the invoices.

    Raises
    ------
    PaysegError
        If two files claim the same table, or none is the invoices.

    Examples
    --------
    >>> {k: str(v) for k, v in table_files(["ar.csv", "Payments 2024.csv", "customers=crm.xlsx"]).items()}
    {'invoices': 'ar.csv', 'payments': 'Payments 2024.csv', 'customers': 'crm.xlsx'}
    """
    found: dict[str, Path] = {}
    for text in files:
        name, equals, path = text.partition("=")
        named = bool(equals) and name in TABLES and not Path(text).exists()
        table = name if named else _table_by_name(Path(text).stem)
        if table in found:
            raise PaysegError(
                f"{found[table].name!r} and {Path(text).name!r} both look like the table of {table}. "
                f"Name them, e.g. payments={text}."
            )
        found[table] = Path(path if named else text)
    if "invoices" not in found:
        raise PaysegError(
            f"none of {', '.join(map(repr, files))} looks like the invoices. Name it: invoices=FILE."
        )
    return found


def _table_by_name(stem: str) -> str:
    text = stem.lower().replace("-", "_").replace(" ", "_")
    signs = {
        "credit": "credit_notes",
        "payment": "payments",
        "receipt": "payments",
        "remind": "reminders",
        "dunning": "reminders",
        "dispute": "disputes",
        "customer": "customers",
    }
    return next(
        (table for sign, table in signs.items() if sign in text and "invoice" not in text), "invoices"
    )


def _read(arguments: argparse.Namespace) -> Ledger:
    from payseg_widgets.ledger.read import read_ledger

    mapping: dict[str, Any] = {}
    for role, column in arguments.map:
        table, dot, name = role.rpartition(".")
        mapping.setdefault(table if dot else "invoices", {})[name] = column
    ledger = read_ledger(
        **table_files(arguments.files),
        mapping=mapping or None,
        as_of=arguments.as_of,
        dayfirst=arguments.dayfirst,
        decimal=arguments.decimal,
        sheet=_sheets(arguments.sheet),
        encoding=arguments.encoding,
        delimiter=arguments.delimiter,
        currency=arguments.currency,
        rates=dict(arguments.rate) or None,
        late_rule=arguments.late_rule,
        grace_days=arguments.grace_days,
        country=arguments.country,
        terms_days=arguments.terms_days,
        undated_payments=arguments.undated_payments,
    )
    if arguments.pseudonym_key_env:
        key = os.environ.get(arguments.pseudonym_key_env)
        if not key:
            raise PaysegError(
                f"the environment variable {arguments.pseudonym_key_env!r} is empty; set it to the pseudonyms' key"
            )
        ledger = ledger.pseudonymised(key=key)
    return ledger


def _sheets(texts: Sequence[str]) -> str | dict[str, str] | None:
    """Read ``NAME`` as the sheet of every workbook, ``TABLE=NAME`` as that of one table."""
    pairs = [text.partition("=") for text in texts]
    if all(equals and table in TABLES for table, equals, _ in pairs):
        return {table: name for table, _, name in pairs} or None
    if len(texts) > 1:
        raise PaysegError(
            f"--sheet {texts[0]!r} and {texts[1]!r}: say which table each is for, e.g. invoices=Open."
        )
    return texts[0]


def _check(arguments: argparse.Namespace) -> int:
    from payseg_widgets.report.tables import rejected_table
    from payseg_widgets.report.text import ledger_text

    ledger = _read(arguments)
    print(ledger_text(ledger))
    if arguments.rejected:
        rejected_table(ledger).to_csv(arguments.rejected, index=False)
        print(f"\n{len(ledger.rejected)} rejected rows written to {arguments.rejected}")
    return 1 if arguments.strict and len(ledger.rejected) else 0


def _run(arguments: argparse.Namespace) -> int:
    say = _teller(arguments.quiet)
    say("reading", 0, 1)
    ledger = _read(arguments)
    say("reading", 1, 1)
    return _study(arguments, ledger, say)


def _demo(arguments: argparse.Namespace) -> int:
    from payseg_widgets.ledger.export import write_export
    from payseg_widgets.ledger.read import read_ledger
    from payseg_widgets.ledger.simulate import simulate_ledger

    say = _teller(arguments.quiet)
    say("simulating", 0, 1)
    simulated = simulate_ledger(arguments.customers, seed=arguments.seed, world=arguments.world)
    files = write_export(simulated.ledger, arguments.out / "ledger")
    say("reading", 0, 1)
    tables: dict[str, Any] = {path.stem: path for path in files}
    ledger = read_ledger(**tables, as_of=simulated.ledger.as_of)
    say("reading", 1, 1)
    code = _study(arguments, ledger, say)
    print(f"The simulated ledger it was made from is in {(arguments.out / 'ledger').resolve()}")
    return code


def _study(arguments: argparse.Namespace, ledger: Ledger, say: Callable[[str, int, int], None]) -> int:
    from payseg_widgets.report.text import study_text
    from payseg_widgets.report.write import write_report
    from payseg_widgets.study import run_study

    study = _cancellable(
        lambda cancel: run_study(
            ledger,
            model=arguments.model,
            n_segments=arguments.segments,
            names=arguments.features,
            seed=arguments.seed,
            compare=not arguments.no_compare,
            progress=say,
            cancel=cancel,
        )
    )
    say("writing the report", 0, 1)
    written = write_report(study, arguments.out, names=arguments.names)
    say("writing the report", 1, 1)
    print(study_text(study))
    beside = ", ".join(path.name for key, path in written.items() if key != "report")
    print(f"\nThe report is {written['report'].resolve()}\nBeside it: {beside}")
    return 0


def _cancellable(work: Callable[[threading.Event], Study]) -> Study:
    """Run ``work`` in a thread so that the first Ctrl-C stops it between two steps and a second one at once."""
    cancel = threading.Event()
    done: list[Study] = []
    failed: list[BaseException] = []

    def body() -> None:
        try:
            done.append(work(cancel))
        except BaseException as error:  # noqa: BLE001  handed to the caller's thread, which raises it
            failed.append(error)

    worker = threading.Thread(target=body, daemon=True)
    worker.start()
    try:
        worker.join()
    except KeyboardInterrupt:
        cancel.set()
        print("\npayseg: stopping after this step; press Ctrl-C again to stop at once", file=sys.stderr)
        worker.join()
    if failed:
        raise failed[0]
    return done[0]


def _teller(quiet: bool) -> Callable[[str, int, int], None]:
    """Return a progress callback: each stage leaves a line with its time on standard error."""
    current: dict[str, float] = {}
    live = sys.stderr.isatty()

    def say(stage: str, done: int, total: int) -> None:
        if quiet:
            return
        for earlier, begun in list(current.items()):
            if earlier != stage or done >= total:
                print(
                    f"{chr(13) if live else ''}{earlier}: {time.perf_counter() - begun:.1f} s{' ' * 20}".rstrip(),
                    file=sys.stderr,
                )
                del current[earlier]
        if done < total:
            current.setdefault(stage, time.perf_counter())
            if live:
                print(f"\r{stage}: {done} of {total}{' ' * 20}", end="", file=sys.stderr, flush=True)

    return say


if __name__ == "__main__":
    raise SystemExit(main())
