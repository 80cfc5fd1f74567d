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
    "Claims": "strategy.self_check",
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
    "Plan": "strategy.plan",
    "PlanChange": "strategy.plan_change",
    "Policy": "strategy.policy",
    "PostcodeDirectory": "enrichment.postcode_directory",
    "Refit": "prediction.refit",
    "Segmentation": "segmentation.result",
    "SegmentationError": "errors",
    "Segmenter": "widgets.segmenter",
    "Selection": "views.selection",
    "SelectionError": "errors",
    "SourceError": "errors",
    "StrategyError": "errors",
    "Study": "study",
    "UnknownNameError": "errors",
    "Workbench": "widgets.workbench",
    "advise_terms": "segmentation.terms",
    "backtest": "prediction.backtest",
    "balance_harm": "prediction.balance_harm",
    "check_columns": "prediction.sentinel",
    "check_tables": "strategy.self_check",
    "compare_forecasters": "prediction.compare",
    "compare_models": "segmentation.compare",
    "compare_plans": "strategy.plan_change",
    "compute_features": "features.compute",
    "default_policy": "strategy.policy",
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
    "later_separation": "segmentation.later",
    "load_ledger": "ledger.store",
    "load_segmentation": "segmentation.store",
    "look_ahead": "prediction.outlook",
    "make_plan": "strategy.plan",
    "match_names": "enrichment.match",
    "migration": "segmentation.migration",
    "parse_policy": "strategy.policy",
    "predict_payments": "prediction.forecast",
    "read_ledger": "ledger.read",
    "read_policy": "strategy.policy",
    "recommend": "strategy.plan",
    "refit": "prediction.refit",
    "run_study": "study",
    "save_ledger": "ledger.store",
    "save_segmentation": "segmentation.store",
    "saved_features": "features.saved",
    "segment": "segmentation.segment",
    "simulate_ledger": "ledger.simulate",
    "spark_features": "features.spark",
    "with_confidence": "segmentation.confidence",
    "write_attempted_models": "report.attempted_models",
    "write_report": "report.write",
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
