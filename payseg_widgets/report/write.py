"""Write a study: the report and the tables beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from payseg_widgets.errors import PaysegError
from payseg_widgets.ledger.pseudonyms import without_names
from payseg_widgets.report.excel import write_workbook
from payseg_widgets.report.html import report_html
from payseg_widgets.report.tables import features_table, safe_for_spreadsheets, segments_table
from payseg_widgets.report.worklist_file import write_worklist
from payseg_widgets.study import Study


def write_report(study: Study, folder: str | Path, *, names: bool = False) -> dict[str, Path]:
    """Write ``report.html``, ``segments.csv``, ``features.parquet``, ``study.xlsx``, ``study.json``, and what to do.

    Parameters
    ----------
    study : Study
    folder : path
        Made where it does not exist; files of the same names are replaced.
    names : bool
        Whether customer names come along. Without, artefacts carry ids only.

    Returns
    -------
    dict of str to pathlib.Path
        ``report``, ``segments``, ``features``, ``workbook``, ``provenance``; with a strategy ``policy``, with a forecast besides
        ``worklist``: ``policy.yaml``, which says why each action was chosen and can be edited, and ``worklist.csv``.

    Raises
    ------
    PaysegError
        If the folder cannot be written.
    """
    folder = Path(folder)
    if not names:
        study = replace(study, ledger=without_names(study.ledger))
    written = {
        "report": folder / "report.html", "segments": folder / "segments.csv", "features": folder / "features.parquet",
        "workbook": folder / "study.xlsx", "provenance": folder / "study.json",
    }  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written["report"].write_text(report_html(study, names=names), encoding="utf-8")
        safe_for_spreadsheets(segments_table(study, names=names)).to_csv(written["segments"], index=False)
        pq.write_table(pa.Table.from_pandas(features_table(study)), written["features"], compression="zstd")
        write_workbook(study, written["workbook"], names=names)
        written["provenance"].write_text(
            json.dumps(_summary(study), indent=2, default=str) + "\n", encoding="utf-8"
        )
        written |= _what_to_do(study, folder, names=names)
    except OSError as error:
        raise PaysegError(
            f"cannot write to {str(folder)!r}: {error.strerror}. Give another folder."
        ) from error
    return written


def _what_to_do(study: Study, folder: Path, *, names: bool) -> dict[str, Path]:
    """Write the policy and the worklist, as far as the study has them."""
    strategy, written = study.strategy, {}
    if strategy.plan is not None:
        written["policy"] = folder / "policy.yaml"
        written["policy"].write_text(strategy.plan.policy.to_yaml(), encoding="utf-8")
    if strategy.worklist is not None:
        written["worklist"] = folder / "worklist.csv"
        write_worklist(strategy.worklist, written["worklist"], names_from=study.ledger if names else None)
    return written


def _summary(study: Study) -> dict[str, object]:
    segmentation = study.segmentation
    return {
        "provenance": dict(study.provenance),
        "as_of": f"{study.ledger.as_of:%Y-%m-%d}",
        "currency": study.ledger.currency,
        "late_rule": str(study.ledger.late_rule),
        "key_figures": {kpi.name: None if kpi.value != kpi.value else kpi.value for kpi in study.kpis},
        "segments": [
            {
                "segment": c.segment,
                "name": c.name,
                "n_customers": c.n_customers,
                "risk": c.risk,
                "value": c.value,
                "suggested_action": c.action,
            }
            for c in segmentation.cards
        ],
        "quality": {
            name: value
            for name, value in segmentation.quality.items()
            if isinstance(value, str | int | float)
        },
        "notes": list(segmentation.notes),
        "forecast": list(study.outlook.sentences),
        "strategy": list(study.strategy.sentences),
        "self_check": [str(finding) for finding in study.strategy.findings],
        "seconds": {stage: round(spent, 2) for stage, spent in study.seconds.items()},
    }
