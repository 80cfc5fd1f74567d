"""Speed of forecasting at size: ``uv run python benchmarks/prediction.py 1000000``."""

from __future__ import annotations

import argparse
import time

import numpy as np
from memory import peak_gb

from payseg_widgets import simulate_ledger
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.forecast import predict_payments
from payseg_widgets.prediction.forecaster import FORECASTERS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("invoices", type=int, nargs="?", default=100_000)
    options = parser.parse_args()
    ledger = simulate_ledger(options.invoices // 27, seed=1, world="realistic").ledger
    features_at_issue(simulate_ledger(20, seed=1).ledger)  # compiled
    print(f"{len(ledger.invoices):,} invoices of {len(ledger.customers):,} customers")

    def timed(what, call):
        began = time.perf_counter()
        made = call()
        print(f"{what}: {time.perf_counter() - began:.1f} s", flush=True)
        return made

    at = timed("features at issue", lambda: features_at_issue(ledger))
    known = at.take(np.flatnonzero(at.is_mature))
    for name in ("logistic", "boosting", "random_forest"):
        p = timed(f"{name}: fit", lambda name=name: FORECASTERS[name].fit(known.frame, known.is_late, 0))
        timed(f"{name}: score all", lambda p=p: p(at.frame))
    timed("predict_payments", lambda: predict_payments(ledger))
    print(f"peak {peak_gb():.2f} GB")


if __name__ == "__main__":
    main()
