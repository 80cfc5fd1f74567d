"""Time a large ledger from CSV to report, and what importing costs, and write both into docs/benchmarks.md.

uv run python benchmarks/report.py
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from sections import machine, write_section

IMPORT_GOAL_SECONDS = 0.5
#: What is run: options, and goals in seconds and GiB.
RUNS = {
    "segments alone": (("--no-forecast", "--no-strategy"), 60, 5),
    "forecast and strategy": (("--no-compare",), 180, 5),
    "all, other models and past days too": ((), 180, 5),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=28_000, help="about 36 invoices each")
    parser.add_argument("--no-report", action="store_true", help="print only")
    options = parser.parse_args()
    lines = [
        "## From CSV to report",
        "",
        f"`uv run python benchmarks/report.py`, {date.today()}; {machine()}.",
        "",
    ]
    lines += [
        "| input | invoices | rows in all | what | wall | processors | peak memory | goal | seconds of each stage |",
        "|---" * 9 + "|",
    ]
    with tempfile.TemporaryDirectory(prefix="payseg-benchmark-") as scratch:
        for layout in ("flat", "tables"):
            folder = Path(scratch, layout)
            n_invoices, n_rows = simulate(folder, layout, options.customers)
            for what, (asked, goal, most) in RUNS.items():
                out = Path(scratch, f"report-{layout}")
                wall, busy, peak = timed_run(sorted(folder.glob("*.csv")), out, asked)
                met = "met" if wall <= goal and peak <= most * 2**30 else "missed"
                spent = json.loads((out / "study.json").read_text(encoding="utf-8"))["seconds"]
                stages = ", ".join(f"{stage} {seconds:.0f}" for stage, seconds in spent.items())
                read = "one flat file" if layout == "flat" else "six tables"
                cells = (
                    read, f"{n_invoices:,}", f"{n_rows:,}", what, f"{wall:.0f} s", f"{busy:.0f} s",
                    f"{peak / 2**30:.1f} GiB", f"{goal} s, {most} GiB: {met}", stages,
                )  # fmt: skip
                lines.append(f"| {' | '.join(cells)} |")
    bare, package = median_seconds("pass"), median_seconds("import payseg_widgets")
    cost = package - bare
    met = "met" if cost <= IMPORT_GOAL_SECONDS else "missed"
    lines += [
        "",
        f"`import payseg_widgets` costs {cost:.3f} s over a bare interpreter (median of 7; goal {IMPORT_GOAL_SECONDS} s: {met}).",
    ]
    text = "\n".join(lines)
    print(text)
    if not options.no_report:
        write_section("report", text)


def simulate(folder: Path, layout: str, n_customers: int) -> tuple[int, int]:
    """Write a simulated export in a process of its own; return the number of invoices and of all rows."""
    code = (
        "import sys; from payseg_widgets import simulate_ledger; from payseg_widgets.ledger.export import write_export\n"
        "ledger, _ = simulate_ledger(int(sys.argv[1]), seed=1, world='realistic')\n"
        "write_export(ledger, sys.argv[2], layout=sys.argv[3])"
    )
    subprocess.run([sys.executable, "-c", code, str(n_customers), str(folder), layout], check=True)
    rows = {path.stem: sum(1 for _ in path.open("rb")) - 1 for path in folder.glob("*.csv")}
    return rows["invoices"], sum(rows.values())


def timed_run(files: list[Path], out: Path, asked: tuple[str, ...] = ()) -> tuple[float, float, int]:
    """Run the command line on the files; return seconds by the clock and of all processors, and peak memory in bytes (Linux)."""
    code = (
        "import resource, sys; from payseg_widgets.cli import main; assert main(sys.argv[1:]) == 0\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)"
    )
    command = [sys.executable, "-c", code, "run", *map(str, files), "--out", str(out), "--quiet", *asked]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    busy, peak = done.stdout.splitlines()[-1].split()
    return time.perf_counter() - began, float(busy), int(peak)


def median_seconds(code: str, n_runs: int = 7) -> float:
    """Return the median wall time of a fresh interpreter running ``code``."""
    walls = []
    for _ in range(n_runs):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        walls.append(time.perf_counter() - began)
    return statistics.median(walls)


if __name__ == "__main__":
    main()
