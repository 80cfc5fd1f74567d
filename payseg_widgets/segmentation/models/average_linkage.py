"""Hierarchical clustering (average linkage): the two groups whose customers are nearest on average are joined."""

from __future__ import annotations

from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.models.hierarchical import LinkageModel

MODELS.add(
    "average_linkage",
    LinkageModel(
        name="average_linkage", label="Hierarchical (average)", max_fit=10_000, bytes_per_pair=10, restarts=1, linkage="average",
        idea="a branch of the tree that joins the groups whose customers are nearest on average",
        weakness="It peels a few far customers off one large rest before it parts the rest.",
    ),
)  # fmt: skip
