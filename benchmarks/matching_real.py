"""Match real names: of employers by their name at the time, of suppliers of councils, of a sample of the register itself."""

from __future__ import annotations

import time

import pandas as pd
from matching import judge, told

from payseg_widgets.enrichment.company_number import clean_company_number
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.postcode import find_postcode
from payseg_widgets.enrichment.register import SCHEMA, write_register

_SHOWN = 25


def employers(folder):
    """Employers with a number; the register has their current name, the ledger the one they reported under and their address."""
    table = pd.read_csv(folder / "uk_employers" / "employers_2017_18.csv", dtype=str, keep_default_na=False)
    table["number"] = table["CompanyNumber"].map(lambda cell: clean_company_number(cell) or "")
    table["postcode"] = table["Address"].map(lambda cell: str(find_postcode(cell) or ""))
    there = table[table["number"] != ""].drop_duplicates("number")
    companies = pd.DataFrame(
        {"number": there["number"], "name": there["CurrentName"], "postcode": there["postcode"]}
    )
    customers = pd.DataFrame({"name": table["EmployerName"], "postcode": table["postcode"]})
    kind = (table["EmployerName"].str.upper() == table["CurrentName"].str.upper()).map(
        {True: "same name", False: "renamed"}
    )
    return companies, customers, table["number"], kind.where(table["number"] != "", "no number")


def suppliers(folder):
    """Suppliers as councils write them; the register has the names of those that were found, and where."""
    table = pd.read_csv(
        folder / "uk_suppliers" / "suppliers_ch_enriched.csv", dtype=str, keep_default_na=False
    )
    table["number"] = table["company_number"].map(lambda cell: clean_company_number(cell) or "")
    there = table[table["number"] != ""].drop_duplicates("number")
    companies = pd.DataFrame(
        {"number": there["number"], "name": there["company_name"], "postcode": there["postal_code"]}
    )
    customers = pd.DataFrame({"name": table["canonical"], "postcode": ""})
    body = table["note"].str.contains("public body|authority|Government", case=False)
    kind = (
        pd.Series("found", index=table.index)
        .where(table["number"] != "", "not found")
        .mask(body, "said to be public")
    )
    return companies, customers, table["number"], kind


def bulk(folder):
    """A sample of the register: names that are on it beside those above."""
    file = next((folder / "companies_house_bulk").glob("*.csv"))
    table = pd.read_csv(file, dtype=str, keep_default_na=False).rename(columns=str.strip)
    former = [
        [{"name": row[f"PreviousName_{k}.CompanyName"], "from_on": None, "until_on": _day(row[f"PreviousName_{k}.CONDATE"])}
         for k in range(1, 11) if row[f"PreviousName_{k}.CompanyName"]]
        for row in table.to_dict("records")
    ]  # fmt: skip
    companies = pd.DataFrame({
        "number": table["CompanyNumber"], "name": table["CompanyName"], "postcode": table["RegAddress.PostCode"],
        "previous_names": former,
    })  # fmt: skip
    return companies.drop_duplicates("number")


def _day(text):
    return pd.to_datetime(text, format="%d/%m/%Y").date()


def real(options):
    simulated = pd.read_parquet(options.folder / "simulated.parquet")
    simulated["number"] = (
        "ZZ" + simulated["number"].str[-6:] + "-" + simulated.index.astype(str)
    )  # never a real number
    parts = {"employers": employers(options.real), "suppliers": suppliers(options.real)}
    companies = pd.concat([bulk(options.real), *(part[0] for part in parts.values())]).drop_duplicates(
        "number"
    )
    whole = pd.concat([simulated, companies], ignore_index=True).reindex(columns=SCHEMA.names)
    for name in ("sic_codes", "previous_names"):
        whole[name] = [list(value) if hasattr(value, "__len__") else [] for value in whole[name]]
    whole = whole.astype(object).where(whole.notna(), None)
    folder = options.folder / "real"
    began = time.process_time()
    index = NameIndex(write_register(whole, folder))
    print(
        index,
        f"written and built in {time.process_time() - began:.0f} CPU-s; {len(companies):,} real companies",
    )
    names = dict(zip(whole["number"], whole["name"], strict=True))
    del whole, simulated
    for label, (_, customers, numbers, kind) in parts.items():
        ids = [f"{label}{k}" for k in range(len(customers))]
        customers = customers.assign(customer_id=ids)
        truth = pd.DataFrame({"customer_id": ids, "number": numbers.to_numpy(), "kind": kind.to_numpy()})
        customers = customers.sample(min(len(customers), options.customers), random_state=options.seed)
        for suffix, asked in (("by name", customers.drop(columns="postcode")), ("with postcode", customers)):
            if suffix == "with postcode" and not customers["postcode"].any():
                continue
            figures, table, _ = judge(asked, truth, index, f"{suffix}, {label}")
            told(figures)
            errors(table.merge(customers), names)
    return index


def errors(table, names):
    """Print what was accepted wrongly and what was not found, one by one."""
    for title, rows in (
        ("accepted wrongly", table[(table["outcome"] == "matched") & ~table["is_best"]]),
        ("on the register, another first", table[(table["number"] != "") & ~table["is_best"]]),
    ):
        print(f"\n{title}: {len(rows)}")
        for row in rows.head(_SHOWN).itertuples():
            print(
                f"  {row.kind:18s} {row.name!r} -> {names.get(row.best, '-')!r}, "
                f"truth {names.get(row.number, '-')!r} ({row.probability:.3f})"
            )
