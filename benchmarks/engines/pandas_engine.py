"""The same features in idiomatic pandas: merges, group-bys, no loops over customers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def run(folder: Path, as_of: int) -> pd.DataFrame:
    inv, pay = _read(folder, as_of)
    by = inv.groupby("customer")
    out = pd.DataFrame({"total_invoiced": by["amount"].sum() / 100, "outstanding": by["owed"].sum() / 100})
    out = out.join([_delays(inv), _shares(inv), _spread(inv), _ageing(inv), _rhythm(inv, as_of)])
    out = out.join([_payments(pay, as_of), _history(inv, pay, as_of), _count_back(inv, as_of)])
    out["dso_count_back"] = out["dso_count_back"].fillna(0.0)
    out["overdue"] = out["overdue"].fillna(0) / 100
    out["overdue_ratio"] = out["overdue"] / out["total_invoiced"]
    out["overdue_balance_ratio"] = out["overdue"] / out["outstanding"].where(out["outstanding"] > 0)
    recent = inv[inv["issued"] > as_of - 90].groupby("customer")["amount"].sum()
    out["dso_classic"] = 90 * (out["outstanding"] * 100) / recent.reindex(out.index)
    year = inv[inv["issued"] > as_of - 365].groupby("customer")["amount"].sum()
    out["invoiced_last_year"] = year.reindex(out.index).fillna(0) / 100
    return out


def _read(folder: Path, as_of: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    inv, pay = (
        pd.read_parquet(folder / f"{name}.parquet", dtype_backend="pyarrow")
        for name in ("invoices", "payments")
    )
    for table, days in ((inv, ("issued_on", "due_on")), (pay, ("paid_on",))):
        for day in days:
            table[day] = (
                table[day].astype("timestamp[s][pyarrow]").astype("datetime64[s]").astype("int64") // 86_400
            )
        for column in table.columns.difference(days):
            table[column] = table[column].to_numpy()
    inv = inv.rename(columns={"issued_on": "issued", "due_on": "due", "amount_minor": "amount"})
    posted = pay.groupby("invoice_row").agg(
        paid=("amount_minor", "sum"), last_on=("paid_on", "max"), n_payments=("paid_on", "nunique")
    )
    inv = inv.join(posted)
    inv["paid"] = inv["paid"].fillna(0).astype("int64")
    inv["owed"] = inv["amount"] - inv["paid"]
    inv["is_settled"] = inv["owed"] == 0
    end = inv["last_on"].where(inv["is_settled"], as_of)
    inv["past_due"] = as_of - inv["due"]
    inv["days_late"] = (end - inv["due"]).astype("int64")
    inv["days_to_pay"] = (end - inv["issued"]).astype("int64")
    inv["one"] = 1
    return inv, pay


def _curve(inv: pd.DataFrame, duration: str, weight: str, horizon: int) -> pd.DataFrame:
    """Kaplan-Meier restricted mean and median of each customer."""
    events = inv[weight].where(inv["is_settled"], 0)
    steps = (
        inv.assign(events=events).groupby(["customer", duration], as_index=False)[["events", weight]].sum()
    )
    steps = steps.set_axis(["customer", "t", "events", "leaving"], axis=1)
    by = steps.groupby("customer")
    at_risk = by["leaving"].transform("sum") - by["leaving"].cumsum() + steps["leaving"]
    steps["share"] = (1 - steps["events"] / at_risk).groupby(steps["customer"]).cumprod()
    next_t = by["t"].shift(-1).fillna(steps["t"])
    steps["area"] = steps["share"] * (next_t.clip(upper=horizon) - steps["t"].clip(upper=horizon)).clip(
        lower=0
    )
    by = steps.groupby("customer")
    out = by.agg(first=("t", "min"), last=("t", "max"), open=("share", "last"), area=("area", "sum"))
    left = horizon - out["last"]
    span = out["last"] - out["first"]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = -np.log(out["open"]) / span
        tail = out["open"] * (1 - np.exp(-rate * left)) / rate
    tail = tail.where((out["open"] < 1) & (span > 0), out["open"] * left)
    tail = tail.where(out["open"] * left <= 20 + 1e-9).where((out["open"] > 1e-12) & (left > 0), 0.0)
    below = steps[steps["share"] < 0.5 - 1e-9].groupby("customer")["t"].first()
    at_half = (steps["share"] - 0.5).abs().le(1e-9) & (steps["events"] > 0)
    half = steps[at_half].groupby("customer")["t"].first()
    end = pd.Series(float(horizon), out.index).where(out["last"] >= horizon)
    median = (
        ((half + below) / 2).reindex(out.index).fillna(half).fillna(below).fillna(end).clip(upper=horizon)
    )
    return pd.DataFrame({"mean": out["first"].clip(upper=horizon) + out["area"] + tail, "median": median})


def _delays(inv: pd.DataFrame) -> pd.DataFrame:
    late = _curve(inv, "days_late", "one", 180)
    return pd.DataFrame(
        {
            "mean_days_late": late["mean"],
            "median_days_late": late["median"],
            "weighted_days_late": _curve(inv, "days_late", "amount", 180)["mean"],
            "mean_days_to_pay": _curve(inv, "days_to_pay", "one", 240)["mean"],
        }
    )


def _shares(inv: pd.DataFrame) -> pd.DataFrame:
    past = inv[inv["past_due"] > 0]
    out = {
        "on_time_ratio": (past["days_late"] <= 0).groupby(past["customer"]).mean(),
        "early_payment_ratio": (past["days_late"] < 0).groupby(past["customer"]).mean(),
    }
    for k in (30, 60, 90):
        known = inv[inv["past_due"] > k]
        out[f"late_by_{k}_ratio"] = (known["days_late"] > k).groupby(known["customer"]).mean()
    touched = inv[inv["paid"] > 0]
    is_part = (touched["n_payments"] > 1) | (touched["owed"] > 0)
    out["part_payment_ratio"] = is_part.groupby(touched["customer"]).mean()
    return pd.DataFrame(out)


def _spread(inv: pd.DataFrame) -> pd.DataFrame:
    known = inv.loc[inv["past_due"] >= 60, ["customer", "issued", "days_late"]]
    known = known.assign(y=known["days_late"].clip(upper=60))
    by = known.groupby("customer")
    out = by.agg(days_late_sd=("y", "std"), n=("y", "size"), low=("issued", "min"), high=("issued", "max"))
    middle, is_beyond = by["y"].transform("median"), known["y"] >= 60
    off, n = (known["y"] - middle).abs(), out["n"]
    n_beyond = is_beyond.groupby(known["customer"]).sum()
    n_near = (~is_beyond & (off <= 60 - middle)).groupby(known["customer"]).sum()
    is_told = (n_beyond == 0) | (2 * n_near > n)
    out["days_late_sd"] = out["days_late_sd"].where(n_beyond == 0)
    factor = n.map({3: 1.495, 4: 1.363, 5: 1.206, 6: 1.2, 7: 1.14, 8: 1.129, 9: 1.107}).fillna(n / (n - 0.8))
    out["payment_consistency"] = (off.groupby(known["customer"]).median() * 1.4826 * factor).where(
        (n >= 3) & is_told
    )
    x, y = known["issued"] - by["issued"].transform("mean"), known["y"] - by["y"].transform("mean")
    sxy, sxx = (x * y).groupby(known["customer"]).sum(), (x * x).groupby(known["customer"]).sum()
    has_trend = (n >= 5) & (out["high"] - out["low"] >= 90) & (2 * n_beyond < n)
    out["days_late_trend"] = (365.25 * sxy / sxx).where(has_trend)
    return out.drop(columns=["n", "low", "high"])


def _ageing(inv: pd.DataFrame) -> pd.DataFrame:
    is_open = inv[inv["owed"] > 0]
    names = ["not_due", "1_30", "31_60", "61_90", "over_90"]
    bucket = pd.cut(is_open["past_due"], [-np.inf, 0, 30, 60, 90, np.inf], labels=names)
    table = is_open.groupby(["customer", bucket], observed=False)["owed"].sum().unstack(fill_value=0)
    shares = table.div(table.sum(axis=1), axis=0)
    shares = shares.set_axis([f"ageing_{name}_ratio" for name in names], axis=1)
    overdue = is_open[is_open["past_due"] > 0].groupby("customer")
    return shares.join(
        pd.DataFrame({"overdue": overdue["owed"].sum(), "oldest_overdue_days": overdue["past_due"].max()})
    )


def _rhythm(inv: pd.DataFrame, as_of: int) -> pd.DataFrame:
    by = inv.groupby("customer")
    gap = by["issued"].diff().dropna()
    gaps = gap.groupby(inv["customer"])
    stats = gaps.agg(["median", "std", "mean", "size"])
    n, total = by.size(), by["amount"].sum()
    squares = (inv["amount"].astype(float) ** 2).groupby(inv["customer"]).sum()
    irregular = (stats["std"] / stats["mean"].where(stats["mean"] > 0)).where(stats["size"] >= 3)
    return pd.DataFrame(
        {
            "days_between_invoices": stats["median"],
            "invoice_irregularity": irregular,
            "n_invoices": n,
            "tenure_days": as_of - by["issued"].min(),
            "average_invoice": by["amount"].mean() / 100,
            "mean_terms_days": (inv["due"] - inv["issued"]).groupby(inv["customer"]).mean(),
            "amount_concentration": ((squares / total**2 - 1 / n) / (1 - 1 / n.where(n > 1))).clip(lower=0),
        }
    )


def _payments(pay: pd.DataFrame, as_of: int) -> pd.DataFrame:
    days = pay[["customer", "paid_on"]].drop_duplicates()
    n = days.groupby(["customer", days["paid_on"] % 7]).size()
    pairs, total = (n * (n - 1)).groupby("customer").sum(), n.groupby("customer").sum()
    return pd.DataFrame(
        {
            "payment_run_regularity": pairs / (total * (total - 1)).where(total > 1),
            "days_since_last_payment": as_of - days.groupby("customer")["paid_on"].max(),
        }
    )


def _history(inv: pd.DataFrame, pay: pd.DataFrame, as_of: int) -> pd.DataFrame:
    day = pd.concat([inv["issued"], pay["paid_on"]], ignore_index=True)
    change = pd.concat([inv["amount"], -pay["amount_minor"]], ignore_index=True)
    customer = pd.concat([inv["customer"], pay["customer"]], ignore_index=True)
    bucket = (12 - (as_of - day) // 30).clip(lower=0)
    balances = (
        change.groupby([customer, bucket])
        .sum()
        .unstack(fill_value=0)
        .reindex(columns=range(13), fill_value=0)
    )
    balances = balances.cumsum(axis=1).clip(lower=0)
    line = balances.max(axis=1)
    line = line.where(line > 0)
    at = (np.arange(7) - 3) * 30 / 365.25
    slope = balances.iloc[:, -7:].to_numpy() @ at / (at @ at)
    return pd.DataFrame(
        {"credit_utilisation": balances[12] / line, "credit_utilisation_velocity": slope / line}
    )


def _count_back(inv: pd.DataFrame, as_of: int) -> pd.DataFrame:
    age = (as_of - inv["issued"]).rename("age")
    sales = inv.groupby(["customer", age])["amount"].sum().rename("sold").reset_index()
    sales["so_far"] = sales.groupby("customer")["sold"].cumsum()
    sales["owed"] = sales["customer"].map(inv.groupby("customer")["owed"].sum())
    done = sales[(sales["so_far"] >= sales["owed"]) & (sales["owed"] > 0)].groupby("customer").first()
    days = done["age"] + (done["owed"] - done["so_far"] + done["sold"]) / done["sold"]
    return pd.DataFrame({"dso_count_back": days})
