"""What each command of ``payseg`` does with its parsed arguments, and what it prints."""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from payseg_widgets.errors import PaysegError

if TYPE_CHECKING:
    import pandas as pd

    from payseg_widgets.enrichment.enrichment import Enrichment
    from payseg_widgets.enrichment.source import Source
    from payseg_widgets.ledger.schema import Ledger
    from payseg_widgets.study import Study

_Result = TypeVar("_Result")

TABLES = ("invoices", "payments", "credit_notes", "reminders", "disputes", "customers")
#: Options that are called here as `read_ledger` calls them.
_PLAIN_OPTIONS = (
    "as_of", "dayfirst", "decimal", "encoding", "delimiter", "currency", "late_rule", "grace_days", "country",
    "terms_days", "undated_payments",
)  # fmt: skip


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


def reading_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what `read_ledger` is told beside the files, as far as it differs from what it does by itself."""
    from payseg_widgets.ledger.read import read_ledger

    mapping: dict[str, Any] = {}
    for role, column in arguments.map:
        table, dot, name = role.rpartition(".")
        mapping.setdefault(table if dot else "invoices", {})[name] = column
    told = {
        "mapping": mapping or None,
        "rates": dict(arguments.rate) or None,
        "sheet": _sheets(arguments.sheet),
        **{name: getattr(arguments, name) for name in _PLAIN_OPTIONS},
    }
    defaults = inspect.signature(read_ledger).parameters
    return {name: value for name, value in told.items() if value != defaults[name].default}


def _read(arguments: argparse.Namespace) -> Ledger:
    from payseg_widgets.ledger.read import read_ledger

    ledger = read_ledger(**table_files(arguments.files), **reading_options(arguments))
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


def check(arguments: argparse.Namespace) -> int:
    """Read a ledger and print what became of every row."""
    from payseg_widgets.report.tables import rejected_table
    from payseg_widgets.report.text import ledger_text

    ledger = _read(arguments)
    print(ledger_text(ledger))
    if arguments.rejected:
        rejected_table(ledger).to_csv(arguments.rejected, index=False)
        print(f"\n{len(ledger.rejected)} rejected rows written to {arguments.rejected}")
    return 1 if arguments.strict and len(ledger.rejected) else 0


def run(arguments: argparse.Namespace) -> int:
    """Read a ledger, segment it and write the report."""
    _check_files(arguments)
    say = _teller(arguments.quiet)
    say("reading", 0, 1)
    ledger = _read(arguments)
    say("reading", 1, 1)
    return _study(arguments, ledger, say)


def models(arguments: argparse.Namespace) -> int:
    """Read a ledger, compare clustering models on it, and write why each worked or did not."""
    from payseg_widgets.features.compute import compute_features
    from payseg_widgets.report.attempted_models import write_attempted_models
    from payseg_widgets.segmentation.compare import compare_models

    say = _teller(arguments.quiet)
    say("reading", 0, 1)
    ledger = _read(arguments)
    say("reading", 1, 1)
    comparison = _cancellable(
        lambda cancel: compare_models(
            compute_features(ledger),
            ledger,
            models=arguments.models,
            names=arguments.features,
            n_segments=arguments.segments,
            budget_seconds=arguments.budget_seconds,
            seed=arguments.seed,
            progress=say,
            cancel=cancel,
        )
    )
    _make_folder(arguments.out)
    written = write_attempted_models(comparison, arguments.out / "attempted_models.md")
    for line in (comparison.caution, comparison.structure_sentence):
        if line:
            print(line)
    for row in comparison.ranked().to_dict("records"):
        print(f"  {row['label']}: {row['account']}")
    print(f"\nThe comparison is {written.resolve()}")
    return 0


def enrich(arguments: argparse.Namespace) -> int:
    """Look customers up on a register and write what it says of each."""
    from payseg_widgets.enrichment.enrich import enrich as look_up
    from payseg_widgets.enrichment.enrichment import OFFICE_CAUTION
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory
    from payseg_widgets.enrichment.sources.companies_house import BASE_URL, ApiRegister
    from payseg_widgets.ledger.customers import read_customers

    customers, findings = read_customers(arguments.customers, mapping=dict(arguments.map))
    for finding in findings:
        if not arguments.quiet:
            print(f"{finding.column or 'table'}: {finding.text}", file=sys.stderr)
    _make_folder(arguments.out)
    source: Source | Path | None = arguments.register
    if arguments.api is not None:
        source = ApiRegister(base_url=arguments.api or BASE_URL)
    found = _cancellable(
        lambda cancel: look_up(
            customers,
            source,
            journal=arguments.journal or arguments.out / "journal.sqlite",
            region_from=arguments.region_from,
            postcode_directory=PostcodeDirectory.read(arguments.postcodes) if arguments.postcodes else None,
            as_of=arguments.as_of,
            max_age_days=arguments.max_age_days,
            retry_failed=arguments.retry_failed,
            progress=_teller(arguments.quiet),
            cancel=cancel,
        )
    )
    try:
        written = found.to_csv(arguments.out / "enrichment.csv", names=arguments.names)
        found.fields_to_csv(arguments.out / "fields.csv", names=arguments.names)
    except OSError as error:
        raise PaysegError(
            f"cannot write to {str(arguments.out)!r}: {error.strerror}. Close the file where it is open, or give another folder."
        ) from error
    for state, n in found.counts.items():
        print(f"{n:>7,} {state}")
    print(
        f"\n{found.coverage('region')['share'].mul(100).round(1).to_string(header=False)}\n\n{OFFICE_CAUTION}"
    )
    for note in found.notes:
        print(note)
    print(f"\nThe customers are in {written.resolve()}\nBeside it: fields.csv, every value with its source")
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Simulate a ledger and a register of companies, write their files, and do with them what `run` does."""
    from payseg_widgets.enrichment.register import write_register
    from payseg_widgets.enrichment.testing.ledger_register import register_of
    from payseg_widgets.ledger.export import write_export
    from payseg_widgets.ledger.read import read_ledger
    from payseg_widgets.ledger.simulate import simulate_ledger

    say = _teller(arguments.quiet)
    say("simulating", 0, 1)
    simulated = simulate_ledger(arguments.customers, seed=arguments.seed, world=arguments.world)
    files = write_export(simulated.ledger, arguments.out / "ledger")
    arguments.register = arguments.out / "register"
    write_register(register_of(simulated.truth, seed=arguments.seed), arguments.register)
    say("reading", 0, 1)
    tables: dict[str, Any] = {path.stem: path for path in files}
    ledger = read_ledger(**tables, as_of=simulated.ledger.as_of)
    say("reading", 1, 1)
    code = _study(arguments, ledger, say)
    print(
        f"The simulated ledger it was made from is in {(arguments.out / 'ledger').resolve()}, "
        f"the simulated register in {arguments.register.resolve()}"
    )
    return code


def lab(arguments: argparse.Namespace) -> int:
    """Write a notebook that reads the files, or simulates a ledger, and open it in JupyterLab until that is stopped."""
    from payseg_widgets.lab import check_jupyterlab, lab_notebook, open_jupyterlab, write_notebook

    check_jupyterlab()
    files: dict[str, Path] = table_files(arguments.files) if arguments.files else {}
    options = reading_options(arguments)
    key = arguments.pseudonym_key_env
    if not files and (options or key):
        said = f"{next(iter(options))}={next(iter(options.values()))!r}" if options else f"a key in {key!r}"
        raise PaysegError(f"{said} says how to read files, and none was given: payseg lab invoices.csv ...")
    for path in files.values():
        if not path.exists():
            raise PaysegError(f"there is no file {str(path)!r}; payseg lab reads files that are there.")
    folder = arguments.folder or (files["invoices"].parent if files else Path())
    notebook = write_notebook(lab_notebook(files, options, folder=folder, key_variable=key), folder)
    print(f"The notebook is {notebook.resolve()}\nCtrl-C here stops JupyterLab.", flush=True)
    open_jupyterlab(notebook, browser=not arguments.no_browser)
    return 0


def board(arguments: argparse.Namespace) -> int:
    """Read a ledger, study it once, and serve its strategy board until stopped."""
    from payseg_widgets.board import check_voila, ended_by_signals, serve_board, write_board

    check_voila()
    _check_files(arguments)
    say = _teller(arguments.quiet)
    say("reading", 0, 1)
    ledger = _read(arguments)
    say("reading", 1, 1)
    study, _ = _studied(arguments, ledger, say)
    with (
        ended_by_signals(),
        tempfile.TemporaryDirectory(prefix="payseg-board-") as folder,
    ):  # of this user alone
        page = write_board(study, Path(folder), names=arguments.names)
        serve_board(page, host=arguments.host, port=arguments.port, browser=not arguments.no_browser)
    return 0


def _study(arguments: argparse.Namespace, ledger: Ledger, say: Callable[[str, int, int], None]) -> int:
    from payseg_widgets.report.text import study_text
    from payseg_widgets.report.write import POLICY, POLICY_USED, write_report

    study, policy_text = _studied(arguments, ledger, say)
    say("writing the report", 0, 1)
    written = write_report(study, arguments.out, names=arguments.names, policy_text=policy_text)
    say("writing the report", 1, 1)
    print(study_text(study))
    beside = ", ".join(path.name for key, path in written.items() if key != "report")
    print(f"\nThe report is {written['report'].resolve()}\nBeside it: {beside}")
    if "policy" in written and written["policy"].name == POLICY_USED:
        print(
            f"{POLICY} there was edited or is another: it is left as it was, and the policy used is {POLICY_USED}. "
            f"To use yours: --policy {arguments.out / POLICY}"
        )
    return 0


def _check_files(arguments: argparse.Namespace) -> None:
    """Raise where a file that is needed later is not there, before anything is read."""
    for option in ("register", "enrichment", "policy"):
        path = getattr(arguments, option)
        if path is not None and not path.exists():
            raise PaysegError(f"there is no file {str(path)!r} for --{option}.")


def _known(
    arguments: argparse.Namespace, ledger: Ledger, say: Callable[[str, int, int], None]
) -> Enrichment | pd.DataFrame | None:
    """Return what is known of region and sector besides the ledger, from a register or a file; ``None`` where none is given."""
    given = arguments.register or arguments.enrichment
    if given is not None and ledger.is_pseudonymised:
        raise PaysegError(
            f"customers go by pseudonyms here and are not to be found in {given.name!r}. Leave it or --pseudonym-key-env out."
        )
    if arguments.enrichment is not None:
        from payseg_widgets.enrichment.written import read_enrichment

        return read_enrichment(arguments.enrichment)
    if arguments.register is None:
        return None
    from payseg_widgets.enrichment.enrich import enrich as look_up

    found = _cancellable(
        lambda cancel: look_up(ledger, arguments.register, region_from="ledger", progress=say, cancel=cancel)
    )
    print(f"Looked up on the register: {', '.join(f'{n:,} {state}' for state, n in found.counts.items())}\n")
    return found


def _studied(
    arguments: argparse.Namespace, ledger: Ledger, say: Callable[[str, int, int], None]
) -> tuple[Study, str | None]:
    """Return the study, and the policy that was given as it was read."""
    from payseg_widgets.strategy.policy import parse_policy, read_policy_text
    from payseg_widgets.study import run_study

    policy = text = None
    if arguments.policy is not None:
        text = read_policy_text(arguments.policy)
        policy = parse_policy(text, arguments.policy.name)
    customers = _known(arguments, ledger, say)
    study = _cancellable(
        lambda cancel: run_study(
            ledger,
            model=arguments.model,
            n_segments=arguments.segments,
            names=arguments.features,
            seed=arguments.seed,
            compare=not arguments.no_compare,
            effects=not arguments.no_effects,
            customers=customers,
            forecast=not arguments.no_forecast,
            strategy=not arguments.no_strategy,
            policy=policy,
            progress=say,
            cancel=cancel,
        )
    )
    return study, text


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PaysegError(
            f"cannot write to {str(folder)!r}: {error.strerror}. Give another folder."
        ) from error


def _cancellable(work: Callable[[threading.Event], _Result]) -> _Result:
    """Run ``work`` in a thread so that the first Ctrl-C stops it between two steps and a second one at once."""
    cancel = threading.Event()
    done: list[_Result] = []
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
