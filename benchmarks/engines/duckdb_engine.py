"""The same features in DuckDB SQL: one query over the Parquet files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

_CURVE = """
{name}_d AS (
    SELECT customer, {duration} AS t, coalesce(sum({weight}) FILTER (is_settled), 0) AS events, sum({weight}) AS leaving
    FROM inv GROUP BY customer, t),
{name}_r AS (
    SELECT *, sum(leaving) OVER (PARTITION BY customer ORDER BY t DESC) AS at_risk,
        lead(t) OVER (PARTITION BY customer ORDER BY t) AS next_t FROM {name}_d),
{name}_s AS (
    SELECT *, product(1 - events / at_risk) OVER (PARTITION BY customer ORDER BY t) AS share FROM {name}_r),
{name}_a AS (
    SELECT customer, min(t) AS first_t, max(t) AS last_t, arg_max(share, t) AS open,
        least(min(t), {horizon})
        + sum(share * greatest(least(coalesce(next_t, t), {horizon}) - least(t, {horizon}), 0)) AS area,
        min(t) FILTER (share < 0.5 - 1e-9) AS below,
        min(t) FILTER (abs(share - 0.5) <= 1e-9 AND events > 0) AS half
    FROM {name}_s GROUP BY customer),
{name} AS (
    SELECT customer, CASE
            WHEN open <= 1e-12 OR last_t >= {horizon} THEN area
            WHEN open * ({horizon} - last_t) > 20 + 1e-9 THEN NULL
            WHEN open >= 1 OR last_t <= first_t THEN area + open * ({horizon} - last_t)
            ELSE area + open * (1 - exp(ln(open) / (last_t - first_t) * ({horizon} - last_t)))
                / (-ln(open) / (last_t - first_t)) END AS mean,
        CASE WHEN half IS NOT NULL OR below IS NOT NULL OR last_t >= {horizon}
            THEN least(coalesce((half + below) / 2.0, half, below, {horizon}), {horizon}) END AS median
    FROM {name}_a)"""


def run(folder: Path, as_of: int) -> pd.DataFrame:
    return duckdb.sql(_query(folder, as_of)).df().drop(columns="customer")


def _query(folder: Path, as_of: int) -> str:
    curves = ",".join(
        _CURVE.format(name=name, duration=duration, weight=weight, horizon=horizon)
        for name, duration, weight, horizon in (
            ("late", "days_late", "1", 180),
            ("money", "days_late", "amount", 180),
            ("pay", "days_to_pay", "1", 240),
        )
    )
    balances = ", ".join(f"greatest(sum(change) FILTER (bucket <= {k}), 0) AS b{k}" for k in range(13))
    late_by = ", ".join(
        f"avg((days_late > {k})::DOUBLE) FILTER (past_due > {k}) AS late_by_{k}_ratio" for k in (30, 60, 90)
    )
    slope = " + ".join(f"coalesce(b{k}, 0) * {k - 9}" for k in range(6, 13))
    return f"""
WITH posted AS (
    SELECT invoice_row, sum(amount_minor) AS paid, max(paid_on) - DATE '1970-01-01' AS last_on,
        count(DISTINCT paid_on) AS n_payments
    FROM '{folder}/payments.parquet' GROUP BY invoice_row),
joined AS (
    SELECT customer, issued_on - DATE '1970-01-01' AS issued, due_on - DATE '1970-01-01' AS due, amount_minor AS amount,
        coalesce(paid, 0) AS paid, amount_minor - coalesce(paid, 0) AS owed, last_on, coalesce(n_payments, 0) AS n_payments
    FROM read_parquet('{folder}/invoices.parquet', file_row_number = true) LEFT JOIN posted ON file_row_number = invoice_row),
inv AS (
    SELECT *, owed = 0 AS is_settled, {as_of} - due AS past_due,
        CASE WHEN owed = 0 THEN last_on ELSE {as_of} END - due AS days_late,
        CASE WHEN owed = 0 THEN last_on ELSE {as_of} END - issued AS days_to_pay,
        {as_of} - due >= 60 AS is_capped
    FROM joined),
{curves},
base AS (
    SELECT customer, sum(amount) / 100 AS total_invoiced, sum(owed) / 100 AS outstanding,
        coalesce(sum(owed) FILTER (past_due > 0), 0) / 100 AS overdue,
        max(past_due) FILTER (owed > 0 AND past_due > 0) AS oldest_overdue_days,
        avg((days_late <= 0)::DOUBLE) FILTER (past_due > 0) AS on_time_ratio,
        avg((days_late < 0)::DOUBLE) FILTER (past_due > 0) AS early_payment_ratio, {late_by},
        avg((n_payments > 1 OR owed > 0)::DOUBLE) FILTER (paid > 0) AS part_payment_ratio,
        CASE WHEN max(days_late) FILTER (is_capped) < 60
            THEN stddev_samp(days_late) FILTER (is_capped) END AS days_late_sd,
        count(*) FILTER (is_capped AND days_late >= 60) AS n_beyond,
        mad(CASE WHEN days_late >= 60 THEN 1e6 ELSE days_late END) FILTER (is_capped) AS far_mad,
        mad(least(days_late, 60)::DOUBLE) FILTER (is_capped) AS mad, count(*) FILTER (is_capped) AS n_capped,
        CASE WHEN count(*) FILTER (is_capped) >= 5
            AND max(issued) FILTER (is_capped) - min(issued) FILTER (is_capped) >= 90
            AND 2 * count(*) FILTER (is_capped AND days_late >= 60) < count(*) FILTER (is_capped)
            THEN 365.25 * regr_slope(least(days_late, 60), issued) FILTER (is_capped) END AS days_late_trend,
        90 * sum(owed) / nullif(sum(amount) FILTER (issued > {as_of} - 90), 0) AS dso_classic,
        {as_of} - min(issued) AS tenure_days, count(*) AS n_invoices, avg(amount) / 100 AS average_invoice,
        avg(due - issued) AS mean_terms_days,
        CASE WHEN count(*) > 1 THEN greatest(0,
            (sum(amount::DOUBLE * amount) / sum(amount) ** 2 - 1 / count(*)) / (1 - 1 / count(*))) END AS amount_concentration,
        coalesce(sum(amount) FILTER (issued > {as_of} - 365), 0) / 100 AS invoiced_last_year,
        sum(owed) FILTER (past_due <= 0) AS a0, sum(owed) FILTER (past_due BETWEEN 1 AND 30) AS a1,
        sum(owed) FILTER (past_due BETWEEN 31 AND 60) AS a2, sum(owed) FILTER (past_due BETWEEN 61 AND 90) AS a3,
        sum(owed) FILTER (past_due > 90) AS a4, nullif(sum(owed), 0) AS balance
    FROM inv GROUP BY customer),
gaps AS (SELECT customer, issued - lag(issued) OVER (PARTITION BY customer ORDER BY issued) AS gap FROM inv),
rhythm AS (
    SELECT customer, median(gap) AS days_between_invoices,
        CASE WHEN count(gap) >= 3 THEN stddev_samp(gap) / nullif(avg(gap), 0) END AS invoice_irregularity
    FROM gaps GROUP BY customer),
paydays AS (SELECT DISTINCT customer, paid_on FROM '{folder}/payments.parquet'),
weekdays AS (SELECT customer, count(*) AS n, max(paid_on) AS latest FROM paydays GROUP BY customer, isodow(paid_on)),
runs AS (
    SELECT customer, {as_of} - (max(latest) - DATE '1970-01-01') AS days_since_last_payment,
        sum(n * (n - 1)) / nullif(sum(n) * (sum(n) - 1), 0) AS payment_run_regularity
    FROM weekdays GROUP BY customer),
changes AS (
    SELECT customer, issued AS day, amount AS change FROM inv UNION ALL
    SELECT customer, paid_on - DATE '1970-01-01', -amount_minor FROM '{folder}/payments.parquet'),
buckets AS (SELECT customer, greatest(0, 12 - ({as_of} - day) // 30) AS bucket, change FROM changes),
history AS (SELECT customer, {balances} FROM buckets GROUP BY customer),
line AS (SELECT *, nullif(greatest({", ".join(f"b{k}" for k in range(13))}), 0) AS line FROM history),
sales AS (
    SELECT customer, {as_of} - issued AS age, sum(amount) AS sold, sum(sum(owed)) OVER (PARTITION BY customer) AS owed,
        sum(sum(amount)) OVER (PARTITION BY customer ORDER BY {as_of} - issued) AS so_far
    FROM inv GROUP BY customer, age),
back AS (
    SELECT customer, min(age + (owed - so_far + sold) / sold) AS dso_count_back
    FROM sales WHERE so_far >= owed AND so_far - sold < owed GROUP BY customer)
SELECT base.* EXCLUDE (mad, far_mad, n_beyond, n_capped, a0, a1, a2, a3, a4, balance),
    late.mean AS mean_days_late, late.median AS median_days_late, money.mean AS weighted_days_late,
    pay.mean AS mean_days_to_pay, overdue / total_invoiced AS overdue_ratio, 100 * overdue / balance AS overdue_balance_ratio,
    CASE WHEN n_capped >= 3 AND 2 * n_beyond < n_capped AND mad = far_mad
        THEN 1.4826 * mad * CASE n_capped WHEN 3 THEN 1.495 WHEN 4 THEN 1.363 WHEN 5 THEN 1.206
        WHEN 6 THEN 1.2 WHEN 7 THEN 1.14 WHEN 8 THEN 1.129 WHEN 9 THEN 1.107 ELSE n_capped / (n_capped - 0.8) END
        END AS payment_consistency,
    coalesce(a0, 0) / balance AS ageing_not_due_ratio, coalesce(a1, 0) / balance AS ageing_1_30_ratio,
    coalesce(a2, 0) / balance AS ageing_31_60_ratio, coalesce(a3, 0) / balance AS ageing_61_90_ratio,
    coalesce(a4, 0) / balance AS ageing_over_90_ratio,
    rhythm.* EXCLUDE (customer), runs.* EXCLUDE (customer), coalesce(dso_count_back, 0) AS dso_count_back,
    b12 / line AS credit_utilisation, ({slope}) / line / 28 / (30 / 365.25) AS credit_utilisation_velocity
FROM base JOIN late USING (customer) JOIN money USING (customer) JOIN pay USING (customer) JOIN rhythm USING (customer)
    JOIN line USING (customer) LEFT JOIN runs USING (customer) LEFT JOIN back USING (customer)
ORDER BY customer"""
