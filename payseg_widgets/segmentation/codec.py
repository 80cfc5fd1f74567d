"""Turn fitted models and preparations into JSON and plain arrays, and back: data only, nothing executable."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.categories import Categories
from payseg_widgets.segmentation.confidence import Calibration
from payseg_widgets.segmentation.gaps import GapFiller
from payseg_widgets.segmentation.gower import GowerScale
from payseg_widgets.segmentation.model import MODELS, FittedModel
from payseg_widgets.segmentation.placement import Placement
from payseg_widgets.segmentation.prepare import Preparation
from payseg_widgets.segmentation.structure import Structure
from payseg_widgets.segmentation.transforms import Column, Composition, Scale

_KINDS: tuple[type, ...] = (
    Calibration,
    Categories,
    Column,
    Composition,
    GapFiller,
    GowerScale,
    Placement,
    Preparation,
    Scale,
    Structure,
)


def known_types() -> dict[str, type]:
    """Return the dataclasses that may be written and made again, by name: those above and every fitted model."""
    len(MODELS)  # imports every model's module
    found, waiting = list(_KINDS), [FittedModel]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return {kind.__name__: kind for kind in found}


def encode(value: Any, arrays: dict[str, np.ndarray], path: str = "") -> Any:
    """Return the value as JSON; its arrays go into ``arrays``, by their path in it.

    Raises
    ------
    SegmentationError
        If it holds something that is neither a number, a text, an array, a list, a mapping nor one of `known_types`.
    """
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, np.generic):
        return encode(value.item(), arrays, path)
    if isinstance(value, float):
        return value if np.isfinite(value) else {"float": str(value)}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        arrays[path] = value
        return {"array": path}
    if isinstance(value, tuple | list):
        items = [encode(item, arrays, f"{path}.{i}") for i, item in enumerate(value)]
        return {"tuple": items} if isinstance(value, tuple) else {"list": items}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"mapping": {key: encode(item, arrays, f"{path}.{key}") for key, item in value.items()}}
    if is_dataclass(value) and known_types().get(type(value).__name__) is type(value):
        parts = {f.name: encode(getattr(value, f.name), arrays, f"{path}.{f.name}") for f in fields(value)}
        return {"type": type(value).__name__, "fields": parts}
    raise SegmentationError(
        f"{path.lstrip('.') or 'the value'} is a {type(value).__name__}, which cannot be saved. Keep numbers, texts, arrays, "
        "lists and mappings in a fitted model."
    )


def decode(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return what `encode` was given.

    Raises
    ------
    ValueError
        If a type is not one of `known_types`, or its fields are others than written.
    """
    if not isinstance(value, dict):
        return value
    if "type" in value:
        kind = known_types().get(value["type"])
        if kind is None:
            raise ValueError(f"it holds a {value['type']!r}, which this version does not know")
        parts = {name: decode(part, arrays) for name, part in value["fields"].items()}
        if set(parts) != {f.name for f in fields(kind)}:
            raise ValueError(f"its {value['type']} has the fields {', '.join(sorted(parts))}")
        return kind(**parts)
    if "array" in value:
        return arrays[value["array"]]
    if "float" in value:
        return float(value["float"])
    if "mapping" in value:
        return {key: decode(item, arrays) for key, item in value["mapping"].items()}
    if "tuple" in value:
        return tuple(decode(item, arrays) for item in value["tuple"])
    return [decode(item, arrays) for item in value["list"]]
