"""Time all features on a large ledger against pandas, Polars and DuckDB, and write the table into docs/benchmarks.md.

    uv run python benchmarks/features.py

Every engine runs in a process of its own on the same Parquet files. First, on a smaller ledger, all engines must agree.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sections import write_section

HERE = Path(__file__).parent
RIVALS = {"pandas": "pandas_engine", "Polars": "polars_engine", "DuckDB SQL": "duckdb_engine"}
SHORT_RUNS = 4
GOALS = {"pandas": 6, "Polars": 3, "DuckDB SQL": 3}


def main() -> None:
    options = _options()
    if options.child:
        print(json.dumps(_child(options.child, Path(options.folder), options.customers)))
        return
    # this process stays small: a child's peak memory starts from its parent's
    with tempfile.TemporaryDirectory(prefix="payseg-benchmark-") as scratch:
        small, large, cache = Path(scratch, "small"), Path(scratch, "large"), Path(scratch, "numba")
        _run("generate", small, cache, customers=20_000)
        shared = _run("agree", small, Path(scratch, "elsewhere"))["columns"]
        n_invoices, n_payments = _run("generate", large, cache, customers=options.customers)["rows"]
        results = _measure(large, cache, options.repeats)
    table = _table(results, shared)
    size = f"{n_invoices:,} invoices, {n_payments:,} payments, {options.customers:,} customers"
    print(size, table, sep="\n\n")
    if not options.no_report:
        write_section("features", _section(table, size, options, shared, results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000, help="about ten invoices each")
    parser.add_argument("--repeats", type=int, default=2, help="runs of each engine; the fastest counts")
    parser.add_argument("--no-report", action="store_true", help="print only")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def _child(task: str, folder: Path, customers: int) -> dict[str, Any]:
    """Do one task, in a process of its own, and return what it took."""
    from engines.generate import AS_OF, generate

    if task == "generate":
        return {"rows": generate(folder, customers)}
    if task == "agree":
        return {"columns": _assert_agreement(folder)}
    module = importlib.import_module(f"engines.{task}")
    began, cpu = time.perf_counter(), time.process_time()
    columns = module.run(folder, AS_OF).shape[1]
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    return {"wall": wall, "cpu": cpu, "peak": peak, "columns": columns}


def _run(task: str, folder: Path, cache: Path, customers: int = 0) -> dict[str, Any]:
    command = [
        sys.executable,
        __file__,
        "--child",
        task,
        "--folder",
        str(folder),
        "--customers",
        str(customers),
    ]
    # as on a machine where every package has been imported before: bytecode is kept
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(cache),
        "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{task} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _measure(folder: Path, cache: Path, repeats: int) -> dict[str, dict[str, Any]]:
    results = {"first use": _run("ours", folder, cache)}
    short = {
        "raw scan": "scan",
        "payseg_widgets": "ours",
    }  # noise weighs more in these, so they run more often
    for _ in range(repeats):  # in turn, so that a busy spell of the machine does not fall on one engine alone
        for name, engine in [*short.items()] * SHORT_RUNS + [*RIVALS.items()]:
            run = _run(engine, folder, cache)
            print(f"{name}: {run['wall']:.1f} s, {run['cpu']:.1f} s of CPU", file=sys.stderr, flush=True)
            results[name] = min(results.get(name, run), run, key=lambda r: r["wall"])
    return results


def _assert_agreement(folder: Path) -> int:
    """Compare every rival's columns with ours; return how many columns they share."""
    from engines import ours
    from engines.generate import AS_OF

    mine = ours.run(folder, AS_OF)
    for name, engine in RIVALS.items():
        table = importlib.import_module(f"engines.{engine}").run(folder, AS_OF)
        for column in table:
            theirs = table[column].to_numpy(dtype=float, na_value=np.nan)
            differs = ~np.isclose(mine[column].to_numpy(), theirs, rtol=1e-7, atol=1e-7, equal_nan=True)
            if differs.any():
                raise SystemExit(
                    f"{name} disagrees on {column} for {differs.sum()} of {len(theirs)} customers"
                )
    return table.shape[1]


def _table(results: dict[str, dict[str, Any]], shared: int) -> str:
    ours, scan = results["payseg_widgets"], results["raw scan"]
    lines = [
        "| engine | features | wall s | CPU s | peak memory GB | wall against ours |",
        "|---|---|---|---|---|---|",
    ]
    words = {"first use": "payseg_widgets, first use (compiles)", "payseg_widgets": "**payseg_widgets**"}
    for name, run in results.items():
        features = "-" if name == "raw scan" else f"{run['columns']:.0f}"
        lines.append(
            f"| {words.get(name, name)} | {features} | {run['wall']:.1f} | {run['cpu']:.1f} | {run['peak'] / 1e9:.2f} "
            f"| {run['wall'] / ours['wall']:.1f}x |"
        )
    lines += ["", "| goal | reached | |", "|---|---|---|"]
    for name, goal in GOALS.items():
        times = results[name]["wall"] / ours["wall"]
        lines.append(f"| at least {goal}x faster than {name} | {times:.1f}x | {_verdict(times >= goal)} |")
    times, peak = ours["wall"] / scan["wall"], max(ours["peak"], results["first use"]["peak"]) / 1e9
    lines.append(f"| at most 8x a raw scan | {times:.1f}x | {_verdict(times <= 8)} |")
    lines.append(f"| at most 3 GB | {peak:.2f} GB | {_verdict(peak <= 3)} |")
    return "\n".join(lines)


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _section(table: str, size: str, options: argparse.Namespace, shared: int, results: dict) -> str:
    packages = ("payseg-widgets", "numpy", "numba", "pandas", "polars", "duckdb", "pyarrow")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = os.getloadavg()[2]
    return f"""## Features

{size}; Parquet on local disk, read within the time. {results["payseg_widgets"]["columns"]:.0f} features here, {shared} of
them in the other engines: those the two tables of the benchmark can give (no reminders, disputes, credit notes). Before
timing, all engines agreed on every shared column of 20,000 customers to 1e-7. Each engine ran in a fresh process with its
modules imported; ours is `saved_features`; the raw scan adds up each column of both files in DuckDB. The fastest of
{options.repeats} counts, of {options.repeats * SHORT_RUNS} for the scan and ours, which are short (first use: one, with an empty
compile cache).

{table}

Machine: {_processor()}, {os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}; load average of
the last quarter of an hour {load:.1f}, so that wall times of a busy machine can be told. {versions}.
`uv run python benchmarks/features.py --customers {options.customers} --repeats {options.repeats}`, {date.today():%d %B %Y}."""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0].split(":")[1].strip() if names else platform.processor()


if __name__ == "__main__":
    main()
