"""Time one fit and the placing of every customer, for each clustering model on a mixture of five clouds.

uv run python benchmarks/models.py 100000
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from payseg_widgets.segmentation.model import MODELS

COLUMNS, SHARES, SPREADS = 12, [0.35, 0.25, 0.2, 0.12, 0.08], np.array([0.5, 1.2, 0.8, 1.5, 0.7])


def clouds(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.choice(len(SHARES), n, p=SHARES)
    centres = rng.normal(size=(len(SHARES), COLUMNS)) * 1.7
    return centres[truth] + rng.normal(size=(n, COLUMNS)) * SPREADS[truth][:, None], truth


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customers", type=int, nargs="?", default=100_000)
    rows, truth = clouds(parser.parse_args().customers)
    with threadpool_limits(1):
        for name, model in MODELS.items():
            started = time.perf_counter()
            fitted = model.fit(rows, len(SHARES) if model.size_criterion else None)
            print(
                f"{name:18} {time.perf_counter() - started:6.1f} s, {fitted.n_segments} segments, "
                f"ARI {adjusted_rand_score(truth, fitted.labels):.2f}, unassigned {np.mean(fitted.labels < 0):.0%}",
                flush=True,
            )
