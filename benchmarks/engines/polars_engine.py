"""The same features in idiomatic Polars: lazy scans, expressions and joins."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl

_FACTORS = {3: 1.495, 4: 1.363, 5: 1.206, 6: 1.2, 7: 1.14, 8: 1.129, 9: 1.107}


def run(folder: Path, as_of: int) -> pd.DataFrame:
    pay = pl.scan_parquet(folder / "payments.parquet").with_columns(pl.col("paid_on").to_physical())
    inv = _invoices(folder, pay, as_of).collect().lazy()  # read eight times
    tables = [
        _base(inv, as_of), _spread(inv), *_delays(inv), _payments(pay, as_of), _history(inv, pay, as_of), _count_back(inv, as_of),
    ]  # fmt: skip
    first, *rest = pl.collect_all(tables)
    for table in rest:
        first = first.join(table, on="customer", how="left")
    out = first.sort("customer").with_columns(pl.col("dso_count_back").fill_null(0.0)).drop("customer")
    return pd.DataFrame({name: out[name].cast(pl.Float64).to_numpy() for name in out.columns}, copy=False)


def _invoices(folder: Path, pay: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    posted = pay.group_by("invoice_row").agg(
        paid=pl.col("amount_minor").sum(),
        last_on=pl.col("paid_on").max(),
        n_payments=pl.col("paid_on").n_unique(),
    )
    inv = (
        pl.scan_parquet(folder / "invoices.parquet")
        .with_row_index("invoice_row")
        .with_columns(pl.col("invoice_row").cast(pl.Int32))
        .rename({"issued_on": "issued", "due_on": "due", "amount_minor": "amount"})
        .with_columns(pl.col("issued", "due").to_physical())
        .join(posted, on="invoice_row", how="left", maintain_order="left")
        .with_columns(pl.col("paid").fill_null(0), pl.col("n_payments").fill_null(0))
        .with_columns(owed=pl.col("amount") - pl.col("paid"), past_due=as_of - pl.col("due"))
        .with_columns(is_settled=pl.col("owed") == 0)
        .with_columns(
            end=pl.when("is_settled").then("last_on").otherwise(as_of), is_capped=pl.col("past_due") >= 60
        )
        .with_columns(
            days_late=pl.col("end") - pl.col("due"),
            days_to_pay=pl.col("end") - pl.col("issued"),
            one=pl.lit(1, pl.Int64),
        )
    )
    return inv.with_columns(y=pl.col("days_late").clip(upper_bound=60))


def _base(inv: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    amount, owed, past_due, late = pl.col("amount"), pl.col("owed"), pl.col("past_due"), pl.col("days_late")
    gap = pl.col("gap")
    n = pl.len()
    edges = {
        "not_due": (-9999, 0),
        "1_30": (0, 30),
        "31_60": (30, 60),
        "61_90": (60, 90),
        "over_90": (90, 99999),
    }
    ageing = {
        f"ageing_{name}_ratio": owed.filter((past_due > low) & (past_due <= high)).sum() / owed.sum()
        for name, (low, high) in edges.items()
    }
    overdue = owed.filter(past_due > 0).sum()
    hhi = (amount.cast(pl.Float64) ** 2).sum() / amount.sum().cast(pl.Float64) ** 2
    return (
        inv.with_columns(gap=pl.col("issued").diff().over("customer"))
        .group_by("customer")
        .agg(
            total_invoiced=amount.sum() / 100,
            outstanding=owed.sum() / 100,
            overdue=overdue / 100,
            overdue_ratio=overdue / amount.sum(),
            overdue_balance_ratio=overdue / owed.sum(),
            oldest_overdue_days=past_due.filter((owed > 0) & (past_due > 0)).max(),
            on_time_ratio=(late.filter(past_due > 0) <= 0).mean(),
            early_payment_ratio=(late.filter(past_due > 0) < 0).mean(),
            **{f"late_by_{k}_ratio": (late.filter(past_due > k) > k).mean() for k in (30, 60, 90)},
            part_payment_ratio=((pl.col("n_payments") > 1) | (owed > 0)).filter(pl.col("paid") > 0).mean(),
            dso_classic=90 * owed.sum() / amount.filter(pl.col("issued") > as_of - 90).sum(),
            tenure_days=as_of - pl.col("issued").min(),
            n_invoices=n,
            average_invoice=amount.mean() / 100,
            mean_terms_days=(pl.col("due") - pl.col("issued")).mean(),
            amount_concentration=pl.when(n > 1).then(((hhi - 1 / n) / (1 - 1 / n)).clip(0)),
            invoiced_last_year=amount.filter(pl.col("issued") > as_of - 365).sum() / 100,
            days_between_invoices=gap.median(),
            irregular=gap.std() / gap.mean(),
            **ageing,
        )
        .with_columns(
            dso_classic=pl.when(pl.col("dso_classic").is_finite()).then("dso_classic"),
            invoice_irregularity=pl.when((pl.col("n_invoices") >= 4) & pl.col("irregular").is_finite()).then(
                "irregular"
            ),
        )
        .drop("irregular")
    )


def _spread(inv: pl.LazyFrame) -> pl.LazyFrame:
    """Spread and trend of the capped delays; deviations by a join, which is faster than nested aggregation."""
    known = inv.filter("is_capped").select("customer", "y", x=pl.col("issued"))
    middles = known.group_by("customer").agg(middle=pl.col("y").median())
    y, x, n = pl.col("y"), pl.col("x"), pl.col("n")
    factor = n.replace_strict(_FACTORS, default=n / (n - 0.8), return_dtype=pl.Float64)
    n_beyond = pl.col("n_beyond")
    has_trend = (n >= 5) & (pl.col("span") >= 90) & (2 * n_beyond < n)
    is_told = (n_beyond == 0) | (2 * pl.col("n_near") > n)
    return (
        known.join(middles, on="customer")
        .with_columns(off=(y - pl.col("middle")).abs())
        .group_by("customer")
        .agg(
            days_late_sd=y.std(), mad=pl.col("off").median(), n=pl.len(), span=x.max() - x.min(),
            slope=pl.cov(x, y) / x.var(), n_beyond=(y >= 60).sum(),
            n_near=((y < 60) & (pl.col("off") <= 60 - pl.col("middle"))).sum(),
        )
        .select(
            "customer",
            days_late_sd=pl.when(n_beyond == 0).then("days_late_sd"),
            payment_consistency=pl.when((n >= 3) & is_told).then(1.4826 * pl.col("mad") * factor),
            days_late_trend=pl.when(has_trend).then(365.25 * pl.col("slope")),
        )
    )  # fmt: skip


def _curve(inv: pl.LazyFrame, duration: str, weight: str, horizon: int) -> pl.LazyFrame:
    """Kaplan-Meier restricted mean and median of each customer."""
    t, share = pl.col("t"), pl.col("share")
    events = pl.when("is_settled").then(weight).otherwise(0).sum()
    steps = (
        inv.group_by("customer", t=pl.col(duration))
        .agg(events=events, leaving=pl.col(weight).sum())
        .sort("customer", "t")
        .with_columns(
            at_risk=pl.col("leaving").cum_sum(reverse=True).over("customer"),
            next_t=t.shift(-1).over("customer").fill_null(t),
        )
        .with_columns(share=(1 - pl.col("events") / pl.col("at_risk")).cum_prod().over("customer"))
    )
    width = (pl.col("next_t").clip(upper_bound=horizon) - t.clip(upper_bound=horizon)).clip(0)
    last, first, is_open = pl.col("last"), pl.col("first"), pl.col("open")
    rate = -is_open.log() / (last - first)
    left = horizon - last
    tail = (
        pl.when((is_open <= 1e-12) | (left <= 0)).then(0.0)
        .when(is_open * left > 20 + 1e-9).then(None)
        .when((is_open >= 1) | (last <= first)).then(is_open * left)
        .otherwise(is_open * (1 - (-rate * left).exp()) / rate)
    )  # fmt: skip
    end = pl.when(last >= horizon).then(float(horizon))
    return (
        steps.group_by("customer")
        .agg(
            first=t.min(), last=t.max(), open=share.sort_by("t").last(), area=(share * width).sum(),
            below=t.filter(share < 0.5 - 1e-9).min(),
            half=t.filter(((share - 0.5).abs() <= 1e-9) & (pl.col("events") > 0)).min(),
        )
        .select(
            "customer",
            mean=first.clip(upper_bound=horizon) + pl.col("area") + tail,
            median=pl.coalesce((pl.col("half") + pl.col("below")) / 2, "half", "below", end).clip(upper_bound=horizon),
        )
    )  # fmt: skip


def _delays(inv: pl.LazyFrame) -> list[pl.LazyFrame]:
    return [
        _curve(inv, "days_late", "one", 180).rename({"mean": "mean_days_late", "median": "median_days_late"}),
        _curve(inv, "days_late", "amount", 180).drop("median").rename({"mean": "weighted_days_late"}),
        _curve(inv, "days_to_pay", "one", 240).drop("median").rename({"mean": "mean_days_to_pay"}),
    ]


def _payments(pay: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    n = pl.col("n").cast(pl.Int64)
    return (
        pay.select("customer", "paid_on")
        .unique()
        .group_by("customer", weekday=pl.col("paid_on") % 7)
        .agg(n=pl.len(), last=pl.col("paid_on").max())
        .group_by("customer")
        .agg(
            payment_run_regularity=pl.when(n.sum() > 1).then((n * (n - 1)).sum() / (n.sum() * (n.sum() - 1))),
            days_since_last_payment=as_of - pl.col("last").max(),
        )
    )


def _history(inv: pl.LazyFrame, pay: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    changes = pl.concat(
        [
            inv.select("customer", day="issued", change="amount"),
            pay.select("customer", day="paid_on", change=-pl.col("amount_minor")),
        ]
    ).with_columns(bucket=(12 - (as_of - pl.col("day")) // 30).clip(0))
    balance = [pl.col("change").filter(pl.col("bucket") <= k).sum().clip(0).alias(f"b{k}") for k in range(13)]
    line = pl.max_horizontal([f"b{k}" for k in range(13)])
    slope = pl.sum_horizontal([pl.col(f"b{k}") * (k - 9) for k in range(6, 13)]) / 28 / (30 / 365.25)
    return (
        changes.group_by("customer")
        .agg(balance)
        .with_columns(line=pl.when(line > 0).then(line))
        .select(
            "customer",
            credit_utilisation=pl.col("b12") / pl.col("line"),
            credit_utilisation_velocity=slope / pl.col("line"),
        )
    )


def _count_back(inv: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    age, sold, so_far, owed = (pl.col(c) for c in ("age", "sold", "so_far", "total"))
    return (
        inv.group_by("customer", age=as_of - pl.col("issued"))
        .agg(sold=pl.col("amount").sum(), owed=pl.col("owed").sum())
        .sort("customer", "age")
        .with_columns(so_far=sold.cum_sum().over("customer"), total=pl.col("owed").sum().over("customer"))
        .filter((so_far >= owed) & (so_far - sold < owed))
        .group_by("customer")
        .agg(dso_count_back=(age + (owed - so_far + sold) / sold).min())
    )
