"""Time every clustering model: one fit and the placing of every customer, or with --compare all of `compare_models`.

uv run python benchmarks/models.py 1000000
uv run python benchmarks/models.py 100000 --compare
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from payseg_widgets import compare_models, compute_features, simulate_ledger
from payseg_widgets.features.presets import RECOMMENDED, TEN_AR_FEATURES
from payseg_widgets.segmentation.model import MODELS

COLUMNS, SHARES, SPREADS = 12, [0.35, 0.25, 0.2, 0.12, 0.08], np.array([0.5, 1.2, 0.8, 1.5, 0.7])


def clouds(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return customers of a mixture of five clouds, and the cloud of each."""
    rng = np.random.default_rng(0)
    truth = rng.choice(len(SHARES), n, p=SHARES)
    centres = rng.normal(size=(len(SHARES), COLUMNS)) * 1.7
    return centres[truth] + rng.normal(size=(n, COLUMNS)) * SPREADS[truth][:, None], truth


def fits(n: int) -> None:
    """Fit each model once, with the true number of clouds where it is to be told one."""
    rows, truth = clouds(n)
    with threadpool_limits(1):
        for name, model in MODELS.items():
            if model.needs_categories:
                continue  # the clouds have none
            started = time.perf_counter()
            fitted = model.fit(rows, len(SHARES) if model.size_criterion else None)
            print(
                f"{name:18} {time.perf_counter() - started:6.1f} s, {fitted.n_segments} segments, "
                f"ARI {adjusted_rand_score(truth, fitted.labels):.2f}, unassigned {np.mean(fitted.labels < 0):.0%}",
                flush=True,
            )


def comparison(n: int) -> None:
    """Compare all models on a simulated ledger with 12 features, two categories and two periods."""
    names = list(dict.fromkeys([*RECOMMENDED, *TEN_AR_FEATURES]))[:COLUMNS]
    ledger, _ = simulate_ledger(n, seed=1, world="realistic")
    features = compute_features(ledger)
    started = time.perf_counter()
    categories = ledger.customers.set_index("customer_id")[["region", "sector"]]
    compared = compare_models(features, ledger, names=names, categories=categories)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(compared.table)} models, {len(names)} features, {len(ledger.invoices):,} invoices: "
        f"{time.perf_counter() - started:.0f} s, {peak:.1f} GB in all"
    )
    print(compared.table[["label", "status", "n_segments", "seconds"]].to_string(index=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("customers", type=int, nargs="?", default=100_000)
    parser.add_argument("--compare", action="store_true", help="compare_models on a simulated ledger")
    options = parser.parse_args()
    comparison(options.customers) if options.compare else fits(options.customers)
