"""How well late invoices of the IBM sample are told at issue: ``uv run python benchmarks/ibm_forecasters.py ../shared/data``.

Forecaster and further columns are chosen by cross-validation in time on the first 80 % of the issue dates; the last fifth is
judged once with each. The further columns say whether, and for how long, a customer had been paperless on the day of issue.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from payseg_widgets import compare_forecasters, features_at_issue, read_ledger

NAMES = ["logistic", "random_forest", "boosting", "average"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that holds ibm_ar")
    file = parser.parse_args().data / "ibm_ar" / "accounts_receivable.csv"
    at = features_at_issue(read_ledger(file))
    raw = pd.read_csv(file, dtype=str).set_index("invoiceNumber").reindex(at.frame.index)
    since = (pd.to_datetime(raw["InvoiceDate"]) - pd.to_datetime(raw["PaperlessDate"])).dt.days
    known = pd.DataFrame({"is_paperless": (since > 0).astype(float), "days_paperless": since.clip(lower=0.0)})
    days = np.quantile(at.issued, [0.4, 0.5, 0.6, 0.7, 0.8], method="lower")
    for columns in ([], list(known)):
        extra = known[columns] if columns else None
        folds = []
        for day, until in itertools.pairwise(days):
            part = at.take(at.issued <= until)
            told = compare_forecasters(part, NAMES, split_on=pd.Timestamp(int(day), unit="D"), extra=extra)
            folds.append(told.table["auc"])
        last = compare_forecasters(at, NAMES, extra=extra)
        table = last.table[["auc", "auc_low", "auc_high"]].assign(
            in_time=pd.concat(folds, axis=1).mean(axis=1)
        )
        print(f"\nfurther columns: {', '.join(columns) or 'none'}\n{table.round(4)}\n{last.sentence}")


if __name__ == "__main__":
    main()
