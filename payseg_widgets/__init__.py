"""Learn from an accounts-receivable ledger which kinds of payers there are, and how sure that is."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: Public name -> module that defines it; loaded on first use so that the import costs next to nothing.
_HOMES = {
    "ApiRegister": "enrichment.sources.companies_house",
    "Backtest": "prediction.backtest",
    "BulkRegister": "enrichment.sources.companies_house_bulk",
    "BalanceHarm": "prediction.balance_harm",
    "Cancelled": "errors",
    "ClusterExplorer": "widgets.cluster_explorer",
    "CustomerExplanation": "segmentation.explain_customer",
    "Drift": "prediction.drift",
    "EffectError": "errors",
    "EffectReport": "effects.report",
    "EffectViewer": "widgets.effect_viewer",
    "Enrichment": "enrichment.enrichment",
    "EnrichmentError": "errors",
    "EnrichmentPanel": "widgets.enrichment_panel",
    "Explanation": "segmentation.explain",
    "FeatureError": "errors",
    "ForecastComparison": "prediction.compare",
    "ForecastError": "errors",
    "ForecastJournal": "prediction.journal",
    "ForecastOutcomes": "prediction.outcomes",
    "ForecastPanel": "widgets.forecast_panel",
    "FeatureSelector": "widgets.feature_selector",
    "FeatureTable": "features.table",
    "FittedForecaster": "prediction.refit",
    "HoldoutDesign": "strategy.holdout",
    "HoldoutResult": "strategy.holdout_result",
    "InvoiceReasons": "prediction.explain",
    "Journal": "enrichment.journal",
    "LateRule": "ledger.schema",
    "Ledger": "ledger.schema",
    "LedgerError": "errors",
    "LeakReport": "prediction.sentinel",
    "Matches": "enrichment.match",
    "MissingDependencyError": "errors",
    "ModelBench": "widgets.model_bench",
    "ModelComparison": "segmentation.compare",
    "Outlook": "prediction.outlook",
    "PaymentForecast": "prediction.forecast",
    "PaysegError": "errors",
    "PostcodeDirectory": "enrichment.postcode_directory",
    "Refit": "prediction.refit",
    "Reserves": "strategy.reserves",
    "ReservesBacktest": "strategy.reserves_backtest",
    "Scenario": "strategy.scenario_result",
    "Segmentation": "segmentation.result",
    "SegmentationError": "errors",
    "Segmenter": "widgets.segmenter",
    "Selection": "views.selection",
    "SelectionError": "errors",
    "SourceError": "errors",
    "Study": "study",
    "UnknownNameError": "errors",
    "Workbench": "widgets.workbench",
    "Worklist": "strategy.worklist",
    "advise_terms": "segmentation.terms",
    "analyse_holdout": "strategy.holdout_result",
    "backtest": "prediction.backtest",
    "backtest_reserves": "strategy.reserves_backtest",
    "balance_harm": "prediction.balance_harm",
    "check_columns": "prediction.sentinel",
    "compare_forecasters": "prediction.compare",
    "compare_models": "segmentation.compare",
    "compute_features": "features.compute",
    "design_holdout": "strategy.holdout",
    "do_groups_cluster": "effects.clusters",
    "enrich": "enrichment.enrich",
    "estimate_effects": "effects.estimate",
    "explain_customer": "segmentation.explain_customer",
    "explain_invoice": "prediction.explain",
    "explain_segments": "segmentation.explain",
    "features_at_issue": "prediction.at_issue",
    "fit_forecaster": "prediction.refit",
    "forecast_outcomes": "prediction.outcomes",
    "join_series": "prediction.series",
    "late_outcomes": "strategy.holdout",
    "later_separation": "segmentation.later",
    "load_ledger": "ledger.store",
    "load_segmentation": "segmentation.store",
    "look_ahead": "prediction.outlook",
    "match_names": "enrichment.match",
    "migration": "segmentation.migration",
    "predict_payments": "prediction.forecast",
    "provisions": "strategy.reserves",
    "read_ledger": "ledger.read",
    "record_contacts": "strategy.contacts",
    "refit": "prediction.refit",
    "run_study": "study",
    "save_ledger": "ledger.store",
    "save_segmentation": "segmentation.store",
    "saved_features": "features.saved",
    "scenario": "strategy.scenarios",
    "segment": "segmentation.segment",
    "simulate_ledger": "ledger.simulate",
    "spark_features": "features.spark",
    "statutory_interest": "strategy.statutory_interest",
    "with_confidence": "segmentation.confidence",
    "worklist": "strategy.worklist",
    "write_attempted_models": "report.attempted_models",
    "write_report": "report.write",
    "write_worklist": "report.worklist_file",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
