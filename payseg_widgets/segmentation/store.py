"""Save a segmentation as a folder of JSON, Parquet and plain arrays, and load it back.

Nothing in the files is executable. ``segmentation.json`` is written last and removed first: a folder with it is whole.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.codec import decode, encode
from payseg_widgets.segmentation.result import LINEAGE, Segmentation, SegmentCard

FORMAT = "payseg_widgets segmentation"
VERSION = 3

_ABOUT = "segmentation.json"
_TABLES = ("criteria", "attempts", "lineage")
_PLAIN = ("model", "features", "why_k", "notes", "seed", "gate")


def save_segmentation(segmentation: Segmentation, folder: str | Path) -> Path:
    """Write a segmentation into a folder; one already there is replaced.

    Parameters
    ----------
    segmentation : Segmentation
    folder : path
        Made where it does not exist. Customers are in it by their ids, without names.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    SegmentationError
        If the folder cannot be written, or the fitted model holds something that is no plain data.
    """
    folder = Path(folder)
    arrays: dict[str, np.ndarray] = {}
    about = {"format": FORMAT, "version": VERSION, **_contents(segmentation, arrays)}
    text = json.dumps(about, indent=1, default=str, allow_nan=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _ABOUT).unlink(missing_ok=True)
        for name, table in _tables(segmentation).items():
            table.to_parquet(folder / f"{name}.parquet", compression="zstd")
        with open(folder / "arrays.npz", "wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        (folder / _ABOUT).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SegmentationError(
            f"the segmentation cannot be written to {str(folder)!r}: {error.strerror}. Give another folder."
        ) from error
    return folder


def load_segmentation(folder: str | Path) -> Segmentation:
    """Read a segmentation that `save_segmentation` wrote; ``assign`` works as before.

    Parameters
    ----------
    folder : path

    Raises
    ------
    SegmentationError
        If there is no segmentation in the folder, it is of another version of the format, or it is damaged; the message
        says what to do.
    """
    folder = Path(folder)
    about = _read_about(folder)
    try:
        with open(folder / "arrays.npz", "rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored)
        names = ("customers", "coordinates", "profiles", "category_shares", *_TABLES)
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
        return _made(about, arrays, tables)
    except (
        EOFError,
        OSError,
        pa.ArrowException,
        zipfile.BadZipFile,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise SegmentationError(
            f"the segmentation in {str(folder)!r} is damaged ({error}). Save it again, or make the segments again."
        ) from error


def _contents(segmentation: Segmentation, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    quality = dict(segmentation.quality)
    stable = quality.pop("stability_by_segment", None)
    cards = [
        {k: v for k, v in vars(card).items() if k not in ("profile", "categories")}
        for card in segmentation.cards
    ]
    return {
        **{name: encode(getattr(segmentation, name), arrays) for name in _PLAIN},
        "cards": encode(cards, arrays),
        "quality": encode(quality, arrays),
        "stability_by_segment": encode(
            None if stable is None else (stable.index.to_numpy(), stable.to_numpy()), arrays, "stability"
        ),
        "placement": encode(segmentation._assigner, arrays, "placement"),
        "provenance": dict(segmentation.provenance),
    }


def _tables(segmentation: Segmentation) -> dict[str, pd.DataFrame]:
    profiles = {card.segment: card.profile for card in segmentation.cards}
    shares = {card.segment: card.categories for card in segmentation.cards if card.categories is not None}
    return {
        "customers": pd.DataFrame(
            {"segment": segmentation.labels_, "probability": segmentation.probabilities_}
        ),
        "coordinates": segmentation.coordinates,
        "profiles": _by_segment(profiles, "feature"),
        "category_shares": _by_segment(shares, "column", "category"),
        **{name: getattr(segmentation, name) for name in _TABLES},
    }


def _by_segment(tables: Mapping[int, pd.DataFrame], *names: str) -> pd.DataFrame:
    if tables:
        return pd.concat(tables, names=["segment"])
    return pd.DataFrame(
        index=pd.MultiIndex.from_arrays([[], *([] for _ in names)], names=["segment", *names])
    )


def _made(
    about: Mapping[str, Any], arrays: dict[str, np.ndarray], tables: Mapping[str, pd.DataFrame]
) -> Segmentation:
    quality = decode(about["quality"], arrays)
    stable = decode(about["stability_by_segment"], arrays)
    if stable is not None:
        index = pd.Index(stable[0], name="segment")
        quality["stability_by_segment"] = pd.Series(stable[1], index=index, name="stability")
    customers = tables["customers"]
    return Segmentation(
        **{name: decode(about[name], arrays) for name in _PLAIN},
        labels_=customers["segment"], probabilities_=customers["probability"],
        cards=tuple(_card(card, tables["profiles"], tables["category_shares"]) for card in decode(about["cards"], arrays)),
        criteria=tables["criteria"], attempts=tables["attempts"], coordinates=tables["coordinates"],
        lineage=tables["lineage"].astype(LINEAGE),
        quality=quality, provenance=about["provenance"],
        _assigner=decode(about["placement"], arrays),
    )  # fmt: skip


def _card(card: dict[str, Any], profiles: pd.DataFrame, shares: pd.DataFrame) -> SegmentCard:
    number = card["segment"]
    own = shares.loc[number] if len(shares) else None
    return SegmentCard(**card, profile=profiles.loc[number], categories=own)


def _read_about(folder: Path) -> dict[str, Any]:
    path = folder / _ABOUT
    if not path.is_file():
        raise SegmentationError(
            f"there is no segmentation in {str(folder)!r} (no {_ABOUT}). Give a folder that save_segmentation wrote."
        )
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SegmentationError(
            f"{str(path)!r} cannot be read ({error}). Save the segmentation again."
        ) from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise SegmentationError(
            f"{str(path)!r} is not of a segmentation. Give a folder that save_segmentation wrote."
        )
    if about.get("version") != VERSION:
        raise SegmentationError(
            f"{str(path)!r} is of version {about.get('version')!r} of the format; this payseg_widgets reads version "
            f"{VERSION}. Update payseg_widgets if it is newer; if it is older, make the segments again with segment()."
        )
    return about
