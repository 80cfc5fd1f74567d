"""Write ``docs/attempted_models.md``: every model on a simulated portfolio that resembles the published UK figures.

uv run python benchmarks/attempted_models.py
"""

from __future__ import annotations

from pathlib import Path

from payseg_widgets import compare_models, compute_features, simulate_ledger, write_attempted_models

if __name__ == "__main__":
    ledger, _ = simulate_ledger(600, seed=1, world="realistic")
    categories = ledger.customers.set_index("customer_id")[["region", "sector"]]
    compared = compare_models(compute_features(ledger), ledger, categories=categories)
    print(write_attempted_models(compared, Path(__file__).parents[1] / "docs" / "attempted_models.md"))
