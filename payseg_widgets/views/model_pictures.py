"""Which pictures a comparison of models has to show of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from payseg_widgets.segmentation.compare import ModelComparison
from payseg_widgets.segmentation.linkage_tree import LinkageTree
from payseg_widgets.views.condensed_tree import condensed_tree_view
from payseg_widgets.views.criteria import model_criteria_view
from payseg_widgets.views.dendrogram import dendrogram_view
from payseg_widgets.views.flow import model_flow_view
from payseg_widgets.views.later import later_view
from payseg_widgets.views.merits import merits_view
from payseg_widgets.views.stability import model_stability_view
from payseg_widgets.views.view import View

#: What each picture is called on a button.
CALLED = {
    "merits": "All models", "criteria": "Number of segments", "stability": "Stability", "periods": "Two periods",
    "later": "Later payment", "tree": "Tree",
}  # fmt: skip


def model_pictures(
    comparison: ModelComparison, model: str = "", weights: Mapping[str, float] | None = None
) -> dict[str, Callable[[], View]]:
    """Return what draws each picture that there is of a model, by the names that accounts refer to.

    Parameters
    ----------
    comparison : ModelComparison
    model : str
        Empty for none: only the picture of all models is there.
    weights : Mapping of str to float, optional
        See `ModelComparison.ranked`.
    """
    found: dict[str, Callable[[], View]] = {"merits": lambda: merits_view(comparison, weights)}
    if model in comparison.criteria:
        found["criteria"] = lambda: model_criteria_view(comparison, model)
    if model in comparison.stability:
        found["stability"] = lambda: model_stability_view(comparison, model)
    if model in comparison.flows:
        found["periods"] = lambda: model_flow_view(comparison, model)
    if model in comparison.later:
        found["later"] = lambda: later_view(comparison.later[model])
    if model in comparison.trees:
        found["tree"] = lambda: _tree(comparison, model)
    return found


def _tree(comparison: ModelComparison, model: str) -> View:
    tree = comparison.trees[model]
    if isinstance(tree, LinkageTree):
        return dendrogram_view(tree, caution=comparison.caution)
    return condensed_tree_view(tree, caution=comparison.caution)
