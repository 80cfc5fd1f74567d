"""Enrich customers from a bulk file, reading and indexing it included: ``uv run python benchmarks/enrich_bulk.py 1000000``.

The bulk file is a simulated register written in the layout of BasicCompanyData; customers are written as clerks write
them (`payseg_widgets.enrichment.testing.noisy_customers`). Prints seconds of each step and the peak memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from memory import peak_gb

from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.testing.noisy_customers import HELD_OUT_NOISE, noisy_customers
from payseg_widgets.enrichment.testing.simulated_register import simulate_register


def write_bulk_file(register, file: Path) -> None:
    """Write companies as BasicCompanyData has them, as far as this package reads it."""
    sectors = ", ".join(f"coalesce(sic_codes[{i}], '') AS \"SICCode.SicText_{i}\"" for i in range(1, 5))
    former = ", ".join(
        f"coalesce(strftime(previous_names[{i}].until_on, '%d/%m/%Y'), '') AS \"PreviousName_{i}.CONDATE\", "
        f"coalesce(previous_names[{i}].name, '') AS \"PreviousName_{i}.CompanyName\""
        for i in range(1, 11)
    )
    with duckdb.connect() as db:
        db.register("register", register)
        db.execute(f"""
            COPY (SELECT name AS "CompanyName", number AS "CompanyNumber", '' AS "RegAddress.CareOf",
                coalesce(address, '') AS "RegAddress.AddressLine1", coalesce(country, '') AS "RegAddress.Country",
                coalesce(postcode, '') AS "RegAddress.PostCode", coalesce(company_type, '') AS "CompanyCategory",
                coalesce(status, '') AS "CompanyStatus", strftime(dissolved_on::DATE, '%d/%m/%Y') AS "DissolutionDate",
                strftime(incorporated_on::DATE, '%d/%m/%Y') AS "IncorporationDate", {sectors}, {former}
            FROM register) TO '{file}' (FORMAT csv, HEADER)""")


def simulate(folder: Path, n: int, n_customers: int, seed: int) -> None:
    register = simulate_register(n, seed=seed)
    write_bulk_file(register, folder / "BasicCompanyDataAsOneFile-2026-11-01.csv")
    customers, _ = noisy_customers(register, n_customers, seed=seed + 1, noise=HELD_OUT_NOISE)
    customers.to_parquet(folder / "customers.parquet")


def measure(folder: Path) -> None:
    import pandas as pd

    (file,) = folder.glob("*.csv")
    customers = pd.read_parquet(folder / "customers.parquet")
    began, marks = time.perf_counter(), []

    def tell(what, done, total):
        if not marks or marks[-1][0] != what:
            marks.append((what, time.perf_counter() - began))

    with Journal(folder / "journal.sqlite") as journal:
        made = enrich(customers, file, journal=journal, progress=tell, as_of="2026-11-27")
    took = time.perf_counter() - began
    for what, at in marks:
        print(f"{at:7.1f} s  {what}")
    print(f"{took:7.1f} s  in all, {len(customers):,} customers, {file.stat().st_size / 1e6:,.0f} MB of CSV")
    print(made)
    again = time.perf_counter()
    with Journal(folder / "journal.sqlite") as journal:
        enrich(customers, file, journal=journal, as_of="2026-11-27")
    print(f"{time.perf_counter() - again:7.1f} s  the same again: nobody is asked for twice")
    print(f"peak memory {peak_gb():.2f} GB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("companies", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="measure what was simulated there")
    told = parser.parse_args()
    if told.folder:
        measure(told.folder)
    else:
        with tempfile.TemporaryDirectory() as room:
            simulate(Path(room), told.companies, told.customers, told.seed)
            subprocess.run(
                [sys.executable, __file__, "--folder", room], check=True
            )  # its memory alone is measured
