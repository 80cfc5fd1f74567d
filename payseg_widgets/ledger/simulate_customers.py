"""Draw the customers of a simulated world: who they are, how they pay and what the ledger says of them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from payseg_widgets.ledger.dirty_names import address_of, company_names, company_numbers, mangled, postcodes
from payseg_widgets.ledger.simulate_world import (
    REGION_DAYS,
    REGION_SHARES,
    SECTOR_DAYS,
    SECTOR_SHARES,
    SIZE_DAYS,
    SIZE_SHARES,
    World,
    effect_table,
)

RUNS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "month end")


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one quantity, so that one option leaves the draws of all others."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def skewed(rng: np.random.Generator, size: int, log_scale: float) -> np.ndarray:
    """Draw from a shifted log-normal of mean 0 and standard deviation 1; normal at ``log_scale`` 0."""
    z = rng.standard_normal(size)
    if log_scale == 0:
        return z
    variance = np.exp(log_scale**2)
    return (np.exp(log_scale * z) - np.sqrt(variance)) / np.sqrt(variance * (variance - 1))


def pick(rng: np.random.Generator, size: int, shares: Mapping[str, float] | np.ndarray) -> np.ndarray:
    """Draw positions with probabilities proportional to ``shares``."""
    weights = np.asarray(shares if isinstance(shares, np.ndarray) else list(shares.values()), dtype=float)
    edges = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(edges) - 1)


def flags(rng: np.random.Generator, size: int, ratio: float) -> np.ndarray:
    """Draw booleans that are true with probability ``ratio``."""
    return rng.random(size) < ratio


def effect_tables(world: World) -> pd.DataFrame:
    """Return what each region, sector and size band adds to the mean (days) and to the log spread."""
    tables = (
        ("region", world.region_effect, world.region_spread, REGION_DAYS, REGION_SHARES),
        ("sector", world.sector_effect, world.sector_spread, SECTOR_DAYS, SECTOR_SHARES),
        ("size_band", world.size_effect, 0.0, SIZE_DAYS, SIZE_SHARES),
    )
    rows = []
    for factor, on_mean, on_spread, days, shares in tables:
        means = effect_table(on_mean, days, shares)
        spreads = effect_table(on_spread, {name: day / 20 for name, day in days.items()}, shares)
        rows += [(factor, name, shares[name], means[name], spreads[name]) for name in days]
    return pd.DataFrame(rows, columns=["factor", "name", "share", "mean_days", "log_spread"])


def draw_customers(world: World, n: int, seed: int, window_days: int) -> pd.DataFrame:
    """Return one row per customer with all that is true of it; texts and money of the ledger come later.

    ``joined`` is the day of the window the customer joined on; ``payment_run`` a position in ``RUNS``, -1 for
    none.
    """
    customers = pd.DataFrame({"customer_id": _ids("C", n)})
    shares = np.array([t.share for t in world.types])
    customers["segment"] = pick(stream(seed, "segment"), n, shares)
    customers["segment_name"] = np.array([t.name for t in world.types], dtype=object)[customers["segment"]]
    customers = customers.join(_who(world, n, seed)).join(_how_much(world, n, seed, window_days))
    customers = customers.join(_how(world, customers, seed))
    terms = np.array(list(world.terms), dtype="int32")
    customers["terms_days"] = terms[pick(stream(seed, "terms"), n, np.array(list(world.terms.values())))]
    runs = np.array([2 / 15] * 5 + [1 / 3])
    run = pick(stream(seed, "run"), n, runs)
    customers["payment_run"] = np.where(flags(stream(seed, "has run"), n, world.payment_runs), run, -1)
    customers["is_on_account"] = flags(stream(seed, "on account"), n, world.on_account)
    return customers.astype({"segment_name": "str"})


def _ids(letter: str, n: int) -> np.ndarray:
    width = max(5, len(str(n)))
    return np.char.add(letter, np.char.zfill(np.arange(1, n + 1).astype(str), width))


def _who(world: World, n: int, seed: int) -> pd.DataFrame:
    region = pick(stream(seed, "region"), n, REGION_SHARES)
    sector = pick(stream(seed, "sector"), n, SECTOR_SHARES)
    by_region = region % len(SECTOR_DAYS)
    sector = np.where(flags(stream(seed, "confounding"), n, world.confounding), by_region, sector)
    size = pick(stream(seed, "size"), n, SIZE_SHARES)
    names = {"region": (region, REGION_DAYS), "sector": (sector, SECTOR_DAYS), "size_band": (size, SIZE_DAYS)}
    return pd.DataFrame(
        {c: pd.Series(np.array(list(table))[at], dtype="str") for c, (at, table) in names.items()}
    )


def _how(world: World, customers: pd.DataFrame, seed: int) -> pd.DataFrame:
    n, segment = len(customers), customers["segment"].to_numpy()
    of_type = {
        f: np.array([getattr(t, f) for t in world.types], dtype=float)[segment]
        for f in (
            "mean_days", "spread_days", "mean_sd", "spread_log_sd", "trend_days_per_year", "unpaid_ratio",
            "never_pays_ratio",
        )
    }  # fmt: skip
    mean = of_type["mean_days"] + of_type["mean_sd"] * skewed(stream(seed, "mean"), n, world.customer_skew)
    log_spread = np.log(of_type["spread_days"]) + of_type["spread_log_sd"] * stream(
        seed, "spread"
    ).standard_normal(n)
    for factor, table in effect_tables(world).groupby("factor"):
        at = customers[str(factor)]
        mean = mean + at.map(table.set_index("name")["mean_days"]).to_numpy()
        log_spread = log_spread + at.map(table.set_index("name")["log_spread"]).to_numpy()
    never = stream(seed, "never pays").random(n) < of_type["never_pays_ratio"]
    trend = of_type["trend_days_per_year"] + world.trend_sd * stream(seed, "trend").standard_normal(n)
    return pd.DataFrame({
        "mean_days_late": mean, "spread_days": np.exp(log_spread), "trend_days_per_year": trend,
        "never_pays": never,
        "unpaid_ratio": np.where(never, 1.0, of_type["unpaid_ratio"]),
    })  # fmt: skip


def _how_much(world: World, n: int, seed: int, window_days: int) -> pd.DataFrame:
    rate = world.invoices_per_year * np.exp(world.invoices_log_sd * stream(seed, "rate").standard_normal(n))
    late_start = stream(seed, "joined").random(n) * window_days
    joined = np.where(flags(stream(seed, "newcomer"), n, world.newcomers), late_start, 0.0)
    few = flags(stream(seed, "few"), n, world.few_invoices)
    scale = world.customer_amount_log_sd * stream(seed, "size of amount").standard_normal(n)
    return pd.DataFrame({
        "invoices_per_year": rate,
        "n_few_invoices": np.where(few, stream(seed, "n few").integers(1, 4, n), 0),
        "joined": joined.astype("int64"),
        "is_regular": flags(stream(seed, "regular"), n, world.regular),
        "log_amount": np.log(world.amount) + scale,
    })  # fmt: skip


def with_identity(world: World, customers: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add the true company: its name, number, postcode and address. A name may be borne by two companies."""
    n = len(customers)
    names = company_names(stream(seed, "company"), n)
    shared = flags(stream(seed, "shared"), n, world.shared_names)
    names = np.where(shared, names[stream(seed, "namesake").integers(0, n, n)], names)
    codes = postcodes(stream(seed, "postcode"), customers["region"].to_numpy())
    return customers.assign(
        company_name=pd.Series(names, dtype="str"),
        company_number=pd.Series(
            company_numbers(stream(seed, "number"), customers["region"].to_numpy()), dtype="str"
        ),
        postcode=pd.Series(codes, dtype="str"),
        address=pd.Series(address_of(stream(seed, "address"), codes), dtype="str"),
        is_dirty=flags(stream(seed, "dirty"), n, world.dirty_names),
        is_wrong_enrichment=flags(stream(seed, "wrong"), n, world.wrong_enrichment) & (n > 1),
    )


def as_written(world: World, customers: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the ledger's customers: names as someone typed them, facts as an enrichment found them."""
    n, wrong, dirty = (
        len(customers),
        customers["is_wrong_enrichment"].to_numpy(),
        customers["is_dirty"].to_numpy(),
    )
    region, sector = customers["region"].to_numpy(object), customers["sector"].to_numpy(object)
    another = (np.arange(n) + stream(seed, "another").integers(1, max(n, 2), n)) % n
    number = customers["company_number"].to_numpy(object)
    number = np.where(wrong, number[another], number)
    known = flags(stream(seed, "known number"), n, world.known_numbers)
    names, addresses = customers["company_name"].to_numpy(object), customers["address"].to_numpy(object)
    names[dirty], addresses[dirty] = mangled(stream(seed, "mangle"), names[dirty], addresses[dirty])
    return pd.DataFrame({
        "customer_id": customers["customer_id"].astype("str"),
        "name": pd.Series(names, dtype="str"),
        "region": _other(stream(seed, "wrong region"), region, wrong, list(REGION_DAYS)),
        "sector": _other(stream(seed, "wrong sector"), sector, wrong, list(SECTOR_DAYS)),
        "country": pd.Series(["GB"] * n, dtype="str"),
        "postcode": customers["postcode"],
        "company_number": pd.Series(number, dtype="str").where(known),
        "address": pd.Series(addresses, dtype="str"),
        "size_band": customers["size_band"],
        "credit_limit_minor": customers["credit_limit_minor"],
        "terms_days": customers["terms_days"].astype("Int32"),
    })  # fmt: skip


def _other(rng: np.random.Generator, values: np.ndarray, wrong: np.ndarray, names: list[str]) -> pd.Series:
    at = pd.Index(names).get_indexer(pd.Index(values))
    shifted = (at + rng.integers(1, len(names), len(values))) % len(names)
    return pd.Series(np.where(wrong, np.array(names, dtype=object)[shifted], values), dtype="str")
