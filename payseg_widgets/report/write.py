"""Write a study: the report and the tables beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from payseg_widgets.errors import PaysegError, StrategyError
from payseg_widgets.ledger.pseudonyms import without_names
from payseg_widgets.report.contacts_file import read_contacts
from payseg_widgets.report.excel import write_workbook
from payseg_widgets.report.html import report_html
from payseg_widgets.report.tables import features_table, safe_for_spreadsheets, segments_table
from payseg_widgets.report.worklist_file import write_worklist
from payseg_widgets.strategy.policy import parse_policy
from payseg_widgets.study import Study

#: The policy beside a report, to be edited; and where it was edited, or is another, the one the report is of.
POLICY, POLICY_USED = "policy.yaml", "policy-used.yaml"


def write_report(
    study: Study, folder: str | Path, *, names: bool = False, policy_text: str | None = None
) -> dict[str, Path]:
    """Write ``report.html``, ``segments.csv``, ``features.parquet``, ``study.xlsx``, ``study.json``, and what to do.

    Parameters
    ----------
    study : Study
    folder : path
        Made where it does not exist; files of the same names are replaced, but for a ``policy.yaml`` that is another: that is
        left as it is. Without a worklist, that of an earlier run goes, unless contacts are noted in it.
    names : bool
        Whether customer names come along. Without, artefacts carry ids only.
    policy_text : str, optional
        The policy of the study as it was read, with its comments; without, as `Policy.to_yaml` writes it.

    Returns
    -------
    dict of str to pathlib.Path
        ``report``, ``segments``, ``features``, ``workbook``, ``provenance``; with a strategy ``policy``, with a forecast besides
        ``worklist``: ``policy.yaml``, which says why each action was chosen and can be edited, and ``worklist.csv``. Where a
        ``policy.yaml`` was there that is another, ``policy`` is ``policy-used.yaml`` beside it.

    Raises
    ------
    PaysegError
        If the folder cannot be written.
    StrategyError
        If ``policy_text`` is not the policy of the study.
    """
    folder, plan = Path(folder), study.strategy.plan
    if policy_text is not None and (plan is None or parse_policy(policy_text) != plan.policy):
        raise StrategyError("policy_text is not the policy of this study; give the text it was parsed from.")
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
        written |= _what_to_do(study, folder, names=names, policy_text=policy_text)
    except OSError as error:
        raise PaysegError(
            f"cannot write to {str(folder)!r}: {error.strerror}. Give another folder."
        ) from error
    return written


def _what_to_do(study: Study, folder: Path, *, names: bool, policy_text: str | None) -> dict[str, Path]:
    """Write the policy and the worklist, as far as the study has them."""
    strategy, written = study.strategy, {}
    if strategy.plan is not None:
        written["policy"] = _write_policy(policy_text or strategy.plan.policy.to_yaml(), folder)
    calls = folder / "worklist.csv"
    if strategy.worklist is not None:
        written["worklist"] = calls
        write_worklist(strategy.worklist, calls, names_from=study.ledger if names else None)
    elif calls.is_file() and not _is_filled_in(calls):
        calls.unlink()
    return written


def _write_policy(text: str, folder: Path) -> Path:
    """Write a policy to ``policy.yaml``, or beside it where that was edited or is another; return where it is."""
    path = folder / POLICY
    if path.exists() and path.read_bytes().decode(errors="replace").splitlines() != text.splitlines():
        path = folder / POLICY_USED
    path.write_text(text, encoding="utf-8")
    return path


def _is_filled_in(path: Path) -> bool:
    """Whether a file is no worklist as it was written: contacts are noted in it, or it cannot be read as one."""
    try:
        return len(read_contacts(path)) > 0
    except PaysegError:
        return True


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
        "groups": list(study.groups.sentences),
        "forecast": list(study.outlook.sentences),
        "strategy": list(study.strategy.sentences),
        "self_check": [str(finding) for finding in study.strategy.findings],
        "seconds": {stage: round(spent, 2) for stage, spent in study.seconds.items()},
    }
