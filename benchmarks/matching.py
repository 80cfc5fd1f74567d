"""Match noisy names to a simulated register: ``uv run python benchmarks/matching.py 1000000 --seed 7``.

The scorer was trained on other seeds and other noise (`benchmarks/train_matcher.py`). ``--real DATA`` matches real names of
folders ``uk_employers``, ``uk_suppliers`` and ``companies_house_bulk`` instead, with the simulated register as distractors.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from memory import peak_gb

from payseg_widgets.enrichment.match import match_names
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.register import COMPANIES_FILE, Register, write_register
from payseg_widgets.enrichment.testing.noisy_customers import HELD_OUT_NOISE, noisy_customers
from payseg_widgets.enrichment.testing.simulated_register import simulate_register

GOALS = {
    "recall@1 by name": (">=", 0.965), "recall@1 with postcode": (">=", 0.98), "coverage with postcode": (">=", 0.75),
    "not on register accepted by name": ("<=", 0.005), "not on register accepted with postcode": ("<=", 0.005),
    "ECE by name": ("<=", 0.015), "ECE with postcode": ("<=", 0.015), "names/s per CPU with postcode": (">=", 400),
    "names/s per CPU by name": (">=", 400), "index MB": ("<=", 35), "peak memory GB": ("<=", 1),
}  # fmt: skip


def calibration_error(p: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: mean gap of probability and share right, over bins of equal width."""
    which = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[which == k].sum() - right[which == k].sum()) for k in range(bins)]
    return sum(gaps) / len(p)


def judge(customers, truth, index, label, *, by_kind=True):
    """Figures of one run, and the errors by kind of slip."""
    began = time.process_time()
    matches = match_names(customers, index)
    seconds = time.process_time() - began
    best = matches.candidates[matches.candidates["rank"] == 1].set_index("customer_id")["company_number"]
    table = matches.table.merge(truth, on="customer_id")
    table["best"] = table["customer_id"].map(best).fillna("")
    table["is_best"] = (table["best"] == table["number"]) & (table["number"] != "")
    scored = table[table["probability"].notna()]
    there, accepted = table[table["number"] != ""], table[table["outcome"] == "matched"]
    single = table[(table["number"] == "") & (table["kind"] != "several")]
    figures = {
        f"recall@1 {label}": there["is_best"].mean(),
        f"coverage {label}": (there["outcome"] == "matched").mean(),
        f"precision {label}": accepted["is_best"].mean(),
        f"not on register accepted {label}": (single["outcome"] == "matched").mean(),
        f"several accepted {label}": (table.loc[table["kind"] == "several", "outcome"] == "matched").mean(),
        f"on register, but no match {label}": there["outcome"].isin(["no match", "not a company"]).mean(),
        f"ECE {label}": calibration_error(scored["probability"].to_numpy(), scored["is_best"].to_numpy()),
        f"names/s per CPU {label}": len(customers) / seconds,
    }
    if by_kind:
        kinds = there.groupby("kind").agg(
            n=("is_best", "size"),
            recall=("is_best", "mean"),
            coverage=("outcome", lambda o: (o == "matched").mean()),
        )
        kinds["precision"] = accepted.groupby("kind")["is_best"].mean()
        print(f"\n{label}\n{kinds.round(3).to_string()}")
        print(single.groupby("kind")["outcome"].value_counts().unstack(fill_value=0).to_string())
    return figures, table, matches


def told(figures):
    for name, value in figures.items():
        sign, goal = GOALS.get(name, ("", None))
        met = (
            ""
            if goal is None
            else f"{sign} {goal:g}: {'met' if (value >= goal if sign == '>=' else value <= goal) else 'MISSED'}"
        )
        print(f"{name:45s} {value:10.4f}  {met}")


def opened(options):
    """The simulated register, kept between runs where a folder is given."""
    table_file = options.folder / "simulated.parquet"
    if not table_file.is_file():
        table = simulate_register(options.companies, seed=options.seed)
        table.to_parquet(table_file)
        write_register(table, options.folder)
    return table_file, options.folder


def simulated(options):
    table_file, folder = opened(options)
    table = pd.read_parquet(table_file)
    customers, truth = noisy_customers(table, options.customers, seed=options.seed + 50, noise=HELD_OUT_NOISE)
    customers.to_parquet(folder / "customers.parquet")
    truth.to_parquet(folder / "truth.parquet")


def measured(options):
    began = time.process_time()
    index = NameIndex(Register(options.folder / COMPANIES_FILE))
    print(index, f"opened or built in {time.process_time() - began:.1f} CPU-s")
    customers, truth = (
        pd.read_parquet(options.folder / "customers.parquet"),
        pd.read_parquet(options.folder / "truth.parquet"),
    )
    by_name, table, _ = judge(customers.drop(columns="postcode"), truth, index, "by name")
    with_code, coded, _ = judge(customers, truth, index, "with postcode")
    told(by_name | with_code | {"index MB": index.megabytes, "peak memory GB": peak_gb()})
    for label, wrong in (("by name", table), ("with postcode", coded)):
        wrong = wrong[(wrong["outcome"] == "matched") & ~wrong["is_best"]].merge(
            customers[["customer_id", "name"]]
        )
        names = dict(
            zip(
                index.register.column("number").to_pylist(),
                index.register.column("name").to_pylist(),
                strict=True,
            )
        )
        print(f"\nwrongly accepted {label}: {len(wrong)}")
        for row in wrong.head(12).itertuples():
            print(
                f"  {row.kind:16s} {row.name!r} -> {names[row.best]!r}, "
                f"truth {names.get(row.number, '-')!r} ({row.probability:.4f})"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("companies", type=int, nargs="?", default=100_000)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep register and index here")
    parser.add_argument("--real", type=Path, help="folder of the real data")
    parser.add_argument(
        "--part", choices=("simulate", "measure"), help="one half only, so that memory is told apart"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options.folder = options.folder or Path(folder)
        options.folder.mkdir(parents=True, exist_ok=True)
        if options.real:
            from matching_real import real

            opened(options)
            return real(options)
        if options.part == "measure":
            return measured(options)
        simulated(options)
        if options.part is None:
            import subprocess

            own = [
                sys.executable,
                __file__,
                str(options.companies),
                "--folder",
                str(options.folder),
                "--part",
                "measure",
            ]
            subprocess.run(own, check=True)


if __name__ == "__main__":
    main()
