"""Time all features of a saved ledger on a local Spark against one process, and write it into docs/benchmarks.md.

    uv run --extra spark python benchmarks/spark.py

One machine shows what distributing costs, not what a cluster gains. Both results must be equal to the last bit.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from sections import machine, write_section


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=28_000, help="about 36 invoices each")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each; median and range are written")
    parser.add_argument("--no-report", action="store_true", help="print only")
    parser.add_argument("--child", choices=("simulate", "one_process", "on_spark"), help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(globals()[options.child](options.scratch, options.customers)))
        return
    with tempfile.TemporaryDirectory(prefix="payseg-benchmark-") as scratch:
        n_invoices, n_rows = run("simulate", scratch, options.customers)
        ones, sparks = [], []
        for _ in range(
            options.repeats
        ):  # in turn, so that a busy spell of the machine does not fall on one alone
            ones.append(run("one_process", scratch, options.customers))
            sparks.append(run("on_spark", scratch, options.customers))
            assert_equal(Path(scratch))
    text = section(options, n_invoices, n_rows, ones, sparks)
    print(text)
    if not options.no_report:
        write_section("spark", text)


def run(task: str, scratch: str, customers: int) -> list[float]:
    """Do one task in a process of its own."""
    command = [sys.executable, __file__, "--child", task, "--scratch", scratch, "--customers", str(customers)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def simulate(scratch: Path, customers: int) -> list[int]:
    """Save a simulated ledger; return the number of invoices and of all rows."""
    from payseg_widgets import save_ledger, simulate_ledger

    ledger, _ = simulate_ledger(customers, seed=1, world="realistic")
    save_ledger(ledger, scratch / "ledger")
    tables = (ledger.invoices, ledger.payments, ledger.credit_notes, ledger.reminders, ledger.disputes)
    return [len(ledger.invoices), sum(map(len, tables)) + len(ledger.customers)]


def one_process(scratch: Path, _customers: int) -> list[float]:
    """Load, compute, write: twice, as Spark; return the seconds of each."""
    from payseg_widgets import compute_features, load_ledger

    walls = []
    for _ in range(2):
        began = time.perf_counter()
        compute_features(load_ledger(scratch / "ledger")).frame.to_parquet(scratch / "one.parquet")
        walls.append(time.perf_counter() - began)
    return walls


def on_spark(scratch: Path, _customers: int) -> list[float]:
    """Return the seconds to start Spark, and those of a first and a second use."""
    from pyspark.sql import SparkSession

    from payseg_widgets import spark_features

    began = time.perf_counter()
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.pythonExec = sys.executable
    walls = [time.perf_counter() - began]
    for _ in range(2):
        began = time.perf_counter()
        features = spark_features(scratch / "ledger", spark=session)
        features.write.mode("overwrite").parquet(str(scratch / "spark"))
        walls.append(time.perf_counter() - began)
    session.stop()
    return walls


def assert_equal(scratch: Path) -> None:
    """Compare what both wrote."""
    one = pd.read_parquet(scratch / "one.parquet")
    spark = pd.read_parquet(scratch / "spark").set_index("customer_id").sort_index()
    pd.testing.assert_frame_equal(spark, one, check_exact=True)


def section(
    options: argparse.Namespace,
    n_invoices: float,
    n_rows: float,
    ones: list[list[float]],
    sparks: list[list[float]],
) -> str:
    """Write down what was measured."""
    first, second = (spread(walls) for walls in zip(*ones, strict=True))
    start, first_spark, second_spark = (spread(walls) for walls in zip(*sparks, strict=True))
    command = f"benchmarks/spark.py --customers {options.customers} --repeats {options.repeats}"
    return f"""## Spark on one machine

`uv run --extra spark python {command}`, {date.today()}; {machine()}, pyspark {version("pyspark")}.
{n_invoices:,} invoices, {n_rows:,} rows in all; from the saved ledger to a Parquet file of all features, compiled before.
Seconds: median of {options.repeats} fresh processes (lowest to highest);
load average of the last quarter of an hour {os.getloadavg()[2]:.1f}.
Both results are equal to the last bit. One machine shows what distributing costs, not what a cluster gains.

| | to start | first use | second use |
|---|---|---|---|
| one process | - | {first} | {second} |
| Spark, two threads | {start} | {first_spark} | {second_spark} |"""


def spread(walls: Sequence[float]) -> str:
    """Write the median and the range."""
    return f"{statistics.median(walls):.1f} ({min(walls):.1f} to {max(walls):.1f})"


if __name__ == "__main__":
    main()
