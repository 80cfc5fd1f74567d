"""Worlds of one crowd, of separate kinds of customer and of a gradient, and what the gate and naive ways say of them.

uv run python -m tests.segmentation.structure_worlds --replicates 400 --processes 2
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import f_oneway
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import silhouette_score

from payseg_widgets.features.measure import Measure
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.segment import segment

N_CUSTOMERS, N_FEATURES = 200, 6
VERDICTS = ("segments", "continuum", "no structure")


def normal(rng: np.random.Generator) -> np.ndarray:
    """One crowd, features independent."""
    return rng.normal(size=(N_CUSTOMERS, N_FEATURES))


def log_normal(rng: np.random.Generator) -> np.ndarray:
    """One crowd with a long tail of large values, as amounts and delays have."""
    return np.exp(normal(rng))


def correlated(rng: np.random.Generator) -> np.ndarray:
    """One crowd, any two features correlated at 0.6."""
    return np.sqrt(0.4) * normal(rng) + np.sqrt(0.6) * rng.normal(size=(N_CUSTOMERS, 1))


def heavy_tailed(rng: np.random.Generator) -> np.ndarray:
    """One crowd of Student's t with 3 degrees of freedom, the extreme customers extreme in every feature."""
    return normal(rng) / np.sqrt(rng.chisquare(3, size=(N_CUSTOMERS, 1)) / 3)


def skewed_kinds(rng: np.random.Generator) -> np.ndarray:
    """Three kinds of customer (50, 30 and 20 %), log-normal, four of their standard deviations apart in two features."""
    kind = rng.choice(3, N_CUSTOMERS, p=(0.5, 0.3, 0.2))
    middle = np.zeros((3, N_FEATURES))
    middle[1, :2] = middle[2, 2:4] = 4.0
    return np.exp(0.5 * (middle[kind] + normal(rng)))


def gradient(rng: np.random.Generator) -> np.ndarray:
    """Customers spread evenly from one end to the other, each feature following, some up and some down."""
    position = rng.uniform(-np.sqrt(3), np.sqrt(3), size=(N_CUSTOMERS, 1))
    return position * [1, -1, 1, -1, 1, -1] + 0.5 * normal(rng)


ONE_CROWD = {
    "normal": normal,
    "log-normal": log_normal,
    "correlated": correlated,
    "heavy-tailed": heavy_tailed,
}
WORLDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    **ONE_CROWD,
    "skewed kinds": skewed_kinds,
    "gradient": gradient,
}


def table_of(values: np.ndarray) -> FeatureTable:
    """Return the values as features in days."""
    index = pd.Index([f"C{i:03d}" for i in range(len(values))], name="customer_id")
    names = [f"x{j}" for j in range(values.shape[1])]
    measures = tuple(
        Measure(name, name, "days", "higher", False, lambda _: np.empty(0), "") for name in names
    )
    return FeatureTable(
        pd.DataFrame(values, index=index, columns=names), measures, pd.Timestamp("2024-12-31"), "", "GBP"
    )


def gate(values: np.ndarray, seed: int) -> str:
    """Say what a user would be told."""
    table = table_of(values)
    made = segment(table, names=list(table.frame), compare=False, seed=seed)
    return str(made.quality["structure"])


def same_data(values: np.ndarray, seed: int) -> bool:
    """Say whether k-means with the best silhouette has any feature differ at p < 0.001 on the data that made it."""
    rows = (values - values.mean(axis=0)) / values.std(axis=0)
    fits = [KMeans(k, n_init=5, random_state=seed).fit_predict(rows) for k in range(2, 9)]
    labels = max(fits, key=lambda found: silhouette_score(rows, found))
    groups = [rows[labels == k] for k in np.unique(labels) if (labels == k).sum() > 1]
    return len(groups) > 1 and bool((f_oneway(*groups).pvalue < 0.001).any())


def hdbscan_of_five(values: np.ndarray) -> bool:
    """Say whether HDBSCAN with min_cluster_size=5 finds two clusters or more."""
    rows = (values - values.mean(axis=0)) / values.std(axis=0)
    return len(set(HDBSCAN(min_cluster_size=5, copy=True).fit_predict(rows)) - {-1}) >= 2


def replicate(world: str, seed: int) -> dict[str, object]:
    """Return what each way says of one draw of a world."""
    values = WORLDS[world](np.random.default_rng(seed))
    return {
        "world": world,
        "gate": gate(values, seed),
        "same data": same_data(values, seed),
        "HDBSCAN of 5": hdbscan_of_five(values),
    }


def study(
    n: int, *, first_seed: int, processes: int, worlds: tuple[str, ...] = tuple(WORLDS)
) -> pd.DataFrame:
    """Return the share of each verdict in each world, and of "segments" by the naive ways."""
    seeds = range(first_seed, first_seed + n)
    rows: list[dict[str, object]] = []
    with ProcessPoolExecutor(processes) as pool:
        for world in worlds:
            rows += pool.map(partial(replicate, world), seeds, chunksize=5)
    found = pd.DataFrame(rows)
    verdicts = pd.get_dummies(found["gate"]).reindex(columns=list(VERDICTS), fill_value=False)
    table = pd.concat([verdicts, found[["same data", "HDBSCAN of 5"]]], axis=1).astype("float64")
    return table.groupby(found["world"], sort=False).mean()


def main() -> None:
    """Print the table of the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=list(WORLDS))
    given = parser.parse_args()
    table = study(
        given.replicates,
        first_seed=given.first_seed,
        processes=given.processes,
        worlds=tuple(given.worlds),
    )
    print(table.map("{:.1%}".format).to_string())


if __name__ == "__main__":
    main()
