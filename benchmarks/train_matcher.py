"""Train and calibrate the scorer of the matching on simulated ledgers: ``uv run python benchmarks/train_matcher.py``.

Trees are fitted on the ledgers of some seeds, calibration and thresholds on those of others; `benchmarks/matching.py` judges on
yet other seeds and on other noise. Half of the customers have no postcode.
"""

from __future__ import annotations

import argparse
import json
import tempfile

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from payseg_widgets.enrichment import scorer as home
from payseg_widgets.enrichment.evidence import FEATURES, feature_rows, pairs_of
from payseg_widgets.enrichment.matcher import _alike, _shortlist
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.names import parse_name
from payseg_widgets.enrichment.ranking import probabilities
from payseg_widgets.enrichment.records import customer_records
from payseg_widgets.enrichment.register import write_register
from payseg_widgets.enrichment.testing.noisy_customers import TRAINING_NOISE, noisy_customers
from payseg_widgets.enrichment.testing.simulated_register import simulate_register

FIT_SEEDS, CALIBRATION_SEEDS = (101, 102), (201, 202)
PRECISIONS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.996, 0.997, 0.998, 0.999)


def ledgers(n_companies, n_customers, seeds):
    """Customers with their candidates and which of them is right."""
    for seed in seeds:
        table = simulate_register(n_companies, seed=seed)
        with tempfile.TemporaryDirectory() as folder:
            index = NameIndex(write_register(table, folder))
            customers, truth = noisy_customers(table, n_customers, seed=seed + 1, noise=TRAINING_NOISE)
            blank = np.random.default_rng(seed).random(len(customers)) < 0.5
            customers.loc[blank, "postcode"] = ""
            for record, number, kind in zip(
                customer_records(customers), truth["number"], truth["kind"], strict=True
            ):
                parsed = parse_name(record.name)
                if parsed.several or parsed.kind or kind == "several":
                    continue
                code = record.own_postcode
                near = index.register.positions_at(code) if code else np.array([], dtype="int64")
                alike = _alike(parsed, near, index, 30)
                positions = _shortlist(parsed, index, -1, near, alike, index.register.names_at(alike))
                companies = index.register.matched_by(positions)
                pairs = pairs_of(record, parsed, companies, index.frequencies)
                yield record, pairs, np.array([pair.company.number == number for pair in pairs])


def trees_of(model):
    """The trees as rectangular arrays, leaves with feature -1."""
    nodes = [predictor.nodes for (predictor,) in model._predictors]
    widest = max(map(len, nodes))
    trees = {name: [] for name in ("feature", "threshold", "left", "right", "value")}
    for tree in nodes:
        pad = (0, widest - len(tree))
        leaf = tree["is_leaf"].astype(bool)
        trees["feature"].append(
            np.pad(np.where(leaf, -1, tree["feature_idx"]), pad, constant_values=-1).tolist()
        )
        threshold = np.where(leaf, 0, tree["num_threshold"])
        trees["threshold"].append([float(f"{t:.12g}") for t in np.pad(threshold, pad)])
        trees["left"].append(np.pad(tree["left"].astype(int), pad).tolist())
        trees["right"].append(np.pad(tree["right"].astype(int), pad).tolist())
        trees["value"].append([float(f"{v:.5g}") for v in np.pad(np.where(leaf, tree["value"], 0), pad)])
    return trees


def likeliest(scorer, sets):
    """Of each customer's likeliest candidate: has the customer a postcode, probability, is it right, is any."""
    sets = [row for row in sets if row[1]]
    scored = probabilities([record for record, _, _ in sets], [pairs for _, pairs, _ in sets], scorer)
    return [
        (bool(record.own_postcode), p.max(), bool(truth[p.argmax()]), bool(truth.any()))
        for (record, _, truth), p in zip(sets, scored, strict=True)
        if p.max() > 0
    ]


def calibrated(raw, sets):
    """Slope and offset that make the likeliest candidate's probability true."""
    _, p, right, _ = zip(*likeliest(raw, sets), strict=True)
    p = np.clip(p, 1e-9, 1 - 1e-9)
    found = LogisticRegression(C=1e6).fit(np.log(p / (1 - p))[:, None], right)
    return float(found.coef_[0, 0]), float(found.intercept_[0])


def thresholds(scorer, sets):
    """From which probability on the accepted have each precision: with a postcode, and by name alone.

    The lower 95 % bound of the precision counts, and of customers whose company was not found no larger share may be accepted
    than the precision leaves.
    """
    rows = likeliest(scorer, sets)
    found = []
    for precision in PRECISIONS:
        asked = [max(_lowest(rows, kind, precision), found[-1][1 + place] if found else 0.0)
                 for place, kind in enumerate((True, False))]  # fmt: skip
        if max(asked) < 1:  # else it cannot be promised
            found.append([precision, asked[0], max(asked)])  # a name alone is never accepted for less
    return found


def _lowest(rows, has_postcode, precision):
    own = sorted(
        ((p, right, is_there) for with_code, p, right, is_there in rows if with_code == has_postcode),
        reverse=True,
    )
    p, right, is_there = (np.array(column, dtype=float) for column in zip(*own, strict=True))
    n = np.arange(1, len(right) + 1)
    share, z = np.cumsum(right) / n, 1.645
    bound = (share + z**2 / (2 * n) - z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))) / (
        1 + z**2 / n
    )
    strangers = np.cumsum(1 - is_there) / max((1 - is_there).sum(), 1)
    enough = np.flatnonzero((bound >= precision) & (strangers <= 1 - precision))
    return float(p[enough[-1]]) if len(enough) else 1.0


def fitted(options):
    """Trees of ledgers of their own."""
    fitting = list(ledgers(options.companies, options.customers, FIT_SEEDS))
    rows = np.vstack([feature_rows(pairs) for _, pairs, _ in fitting if pairs])
    truth = np.concatenate([right for _, pairs, right in fitting if pairs])
    possible = np.concatenate([[not pair.is_ruled_out for pair in pairs] for _, pairs, _ in fitting if pairs])
    model = HistGradientBoostingClassifier(
        max_iter=options.trees, max_leaf_nodes=12, learning_rate=0.1, min_samples_leaf=60, l2_regularization=5.0,
        monotonic_cst=list(FEATURES.values()), random_state=0, early_stopping=False,
    ).fit(rows[possible], truth[possible])  # fmt: skip
    trees = trees_of(model)
    arrays = {name: np.array(values) for name, values in trees.items()}
    base = float(np.ravel(model._baseline_prediction)[0])
    raw = home.Scorer(arrays, base, 1.0, 0.0, ())
    apart = np.abs(raw.log_odds(rows[:5000]) - model.decision_function(rows[:5000]))
    assert apart.max() < 1e-3, np.quantile(apart, [0.5, 0.9, 0.99, 1])
    print(f"{len(truth):,} pairs, {truth.sum():,} right")
    told = f"--companies {options.companies} --customers {options.customers} --trees {options.trees}"
    return {
        "made_by": f"benchmarks/train_matcher.py {told}",
        "features": list(FEATURES),
        "base": base,
        "trees": trees,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=7_000)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument(
        "--calibrate-on", type=int, default=1_000_000, help="companies; the more, the more look alike"
    )
    parser.add_argument("--calibration-ledgers", type=int, default=2, choices=(1, 2))
    parser.add_argument("--keep-trees", action="store_true", help="calibrate anew only")
    options = parser.parse_args()
    stored = json.loads(home._FILE.read_text(encoding="utf-8")) if options.keep_trees else fitted(options)
    arrays = {name: np.array(values) for name, values in stored["trees"].items()}
    raw = home.Scorer(arrays, stored["base"], 1.0, 0.0, ())
    sets = list(
        ledgers(options.calibrate_on, options.customers, CALIBRATION_SEEDS[: options.calibration_ledgers])
    )
    slope, offset = calibrated(raw, sets)
    found = thresholds(home.Scorer(arrays, stored["base"], slope, offset, ()), sets)
    stored |= {"slope": slope, "offset": offset, "thresholds": found, "calibrated_on": options.calibrate_on}
    home._FILE.write_text(json.dumps(stored, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"slope {slope:.3f}, offset {offset:.3f}")
    print("thresholds", found, f"{home._FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
