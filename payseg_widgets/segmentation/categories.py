"""Categories of customers, such as region or sector, as codes beside the prepared features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError

if TYPE_CHECKING:
    from payseg_widgets.segmentation.model import ClusteringModel

#: A segment's share of a category must differ by so much from the others' to be spoken of.
_WORTH_SAYING = 0.2
_MOST_SAID = 2
_LONGEST = 40
#: Up to so many categories a column may have however few the customers are.
_ALWAYS_FEW = 10


@dataclass(frozen=True, repr=False)
class Categories:
    """The categories met when segments were made.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns.
    levels : tuple of tuple of str
        The categories of each, sorted.
    """

    columns: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]

    def codes(self, table: pd.DataFrame, ids: pd.Index) -> np.ndarray:
        """Return the place of each customer's category among the levels; -1 where it is missing or was never met.

        Returns
        -------
        numpy.ndarray of float, shape (n_customers, n_columns)
        """
        texts = _texts(table, self.columns, ids)
        found = [
            pd.Index(levels, dtype="str").get_indexer(pd.Index(texts[name]))
            for name, levels in zip(self.columns, self.levels, strict=True)
        ]
        return np.column_stack(found).astype("float64")

    def without(self, table: pd.DataFrame | None, ids: pd.Index) -> pd.Series:
        """Return in words which categories of each customer take no part; empty where all do."""
        if table is None:
            return pd.Series(
                ", ".join(f"{name} (not given)" for name in self.columns), index=ids, dtype="str"
            )
        codes, texts = self.codes(table, ids), _texts(table, self.columns, ids)
        said = np.full(len(ids), "", dtype=object)
        for name, column in zip(self.columns, codes.T, strict=True):
            why = np.where(texts[name].isna(), f"{name} (missing)", f"{name} (unseen)").astype(object)
            said += np.where(column < 0, np.where(said == "", why, ", " + why), "")
        return pd.Series(said, index=ids, dtype="str")

    def __repr__(self) -> str:
        return f"Categories(columns={len(self.columns)}, levels={sum(map(len, self.levels))})"


@dataclass(frozen=True, repr=False)
class Given:
    """The categories of the customers at hand.

    Attributes
    ----------
    learnt : Categories
    table : pandas.DataFrame
        Index ``customer_id``.
    notes : tuple of str
    """

    learnt: Categories
    table: pd.DataFrame
    notes: tuple[str, ...]

    @classmethod
    def of(cls, table: pd.DataFrame, ids: pd.Index) -> Given:
        """Return what the table says of these customers, those known well enough.

        Raises
        ------
        SegmentationError
            If it is no table of categories by customer.
        """
        texts = _texts(checked(table), tuple(table.columns), ids)
        if texts.isna().all(axis=None):
            raise SegmentationError(
                f"categories has {len(table)} rows, and none says anything of the {len(ids)} customers to be segmented. Its "
                "index must hold their ids as text: categories.set_index('customer_id')."
            )
        n_levels = texts.nunique()
        for name, n in n_levels.items():
            if n > max(_ALWAYS_FEW, texts[name].notna().sum() / 2):
                raise SegmentationError(
                    f"categories[{name!r}] has {n} values among {texts[name].notna().sum()} customers: that names customers "
                    "rather than grouping them. Leave it out, or put its values into fewer groups."
                )
        kept = tuple(str(name) for name, n in n_levels.items() if n > 1)
        if not kept:
            raise SegmentationError(
                f"categories ({', '.join(map(str, table.columns))}) are the same for every customer to be segmented. Give "
                "columns that differ."
            )
        levels = tuple(tuple(sorted(texts[name].dropna().unique())) for name in kept)
        return cls(Categories(kept, levels), table, _notes(texts, kept))

    def beside(self, rows: np.ndarray, ids: pd.Index) -> np.ndarray:
        """Return the rows with the codes of the customers' categories after the numbers."""
        return np.hstack([rows, self.learnt.codes(self.table, ids)])

    def shares(self, labels: pd.Series, segment: int) -> pd.DataFrame:
        """Return how common each category is in a segment and in all the other customers.

        Returns
        -------
        pandas.DataFrame
            Index ``column, category``; ``share``, ``share_elsewhere``: of the customers whose category is known, NaN where
            it is known of none. Sorted by how much more common it is in the segment.
        """
        texts = _texts(self.table, self.learnt.columns, labels.index)
        mine = (labels == segment).to_numpy()
        parts = {
            name: pd.DataFrame(
                {
                    "share": texts.loc[mine, name].value_counts(normalize=True),
                    "share_elsewhere": texts.loc[~mine, name].value_counts(normalize=True),
                }
            ).reindex(list(levels))
            for name, levels in zip(self.learnt.columns, self.learnt.levels, strict=True)
        }
        for (
            name,
            part,
        ) in parts.items():  # known of some, none of whom is of this category: absent there is nought
            for column, side in (("share", mine), ("share_elsewhere", ~mine)):
                if texts.loc[side, name].notna().any():
                    part[column] = part[column].fillna(0.0)
        shares = pd.concat(parts, names=["column", "category"])
        more = (shares["share"] - shares["share_elsewhere"]).to_numpy()
        return shares.iloc[np.argsort(-np.nan_to_num(more, nan=-2.0), kind="stable")]

    def __repr__(self) -> str:
        return f"Given({self.learnt!r})"


def with_given(
    spec: ClusteringModel, table: pd.DataFrame | None, weight: float | None, ids: pd.Index
) -> tuple[ClusteringModel, Given | None]:
    """Return the model made ready for the categories, and these; a model that takes none as it is, and ``None``.

    Raises
    ------
    SegmentationError
        If the model takes none and some or their weight are given, or it needs some and there are none, or they are no
        table of categories.
    """
    if not spec.needs_categories and (table is not None or weight is not None):
        raise SegmentationError(
            f"{spec.name!r} measures distances between numbers, so categories would play no part. Take "
            "model='gower_kmedoids', or leave categories and category_weight out."
        )
    given = None if table is None else Given.of(table, ids)
    spec = spec.with_categories(0 if given is None else len(given.learnt.columns))
    return spec if weight is None else replace(spec, category_weight=weight), given  # type: ignore[call-arg]  # it has one


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table if it holds one row of categories for each customer.

    Raises
    ------
    SegmentationError
        If it is no table, repeats customers or columns, has no column, or a column holds something other than texts.
    """
    if not isinstance(table, pd.DataFrame) or not table.shape[1]:
        what = "a table without columns" if isinstance(table, pd.DataFrame) else f"a {type(table).__name__}"
        raise SegmentationError(
            f"categories is {what}; give a DataFrame with the customers' ids as index and a column for each category."
        )
    for axis, what in ((table.index, "customer ids"), (table.columns, "columns")):
        if not axis.is_unique:
            raise SegmentationError(
                f"categories repeats {int(axis.duplicated().sum())} {what}; give each one once."
            )
    for name in table.columns:
        if not isinstance(name, str):
            raise SegmentationError(f"categories has a column called {name!r}; give it a name that is text.")
        values = table[name].dropna()
        others = [type(value).__name__ for value in values if not isinstance(value, str)]
        if others:
            raise SegmentationError(
                f"categories[{name!r}] holds values of type {others[0]}, not text. If they are categories, turn them into text "
                f"(categories[{name!r}].astype('str')); amounts belong among the features."
            )
    return table


def phrase(shares: pd.DataFrame) -> str:
    """Return as a sentence which categories are much more common in a segment than elsewhere; empty where none is."""
    more = shares["share"] - shares["share_elsewhere"]
    told = shares[(more >= _WORTH_SAYING).to_numpy()].head(_MOST_SAID)
    said = [
        f"{column} {_short(category)} ({share:.0%} against {elsewhere:.0%} elsewhere)"
        for column, category, share, elsewhere in told.reset_index().itertuples(index=False)
    ]
    return f"By category: {' and '.join(said)}." if said else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _texts(table: pd.DataFrame, columns: tuple[str, ...], ids: pd.Index) -> pd.DataFrame:
    """Return the columns for these customers as tidy text, NaN where it is missing or blank."""
    missing = [name for name in columns if name not in table]
    if missing:
        raise SegmentationError(
            f"categories has no {', '.join(map(repr, missing))}; the segments were made with {', '.join(columns)}. Add it, "
            "missing where it is not known."
        )
    found = table[list(columns)].reindex(ids)
    return pd.DataFrame({str(name): _tidy(found[name]) for name in columns}, index=ids)


def _tidy(values: pd.Series) -> pd.Series:
    # what does not print could steer a terminal that shows a card
    printed = values.astype("str").str.replace(r"[\x00-\x1f\x7f-\x9f\s]+", " ", regex=True).str.strip()
    return printed.mask(printed == "")


def _notes(texts: pd.DataFrame, kept: tuple[str, ...]) -> tuple[str, ...]:
    unknown = {name: int(texts[name].isna().sum()) for name in kept}
    gaps = ", ".join(f"{name} of {n:,}" for name, n in unknown.items() if n)
    said = [
        f"Categories: {', '.join(kept)}. A category missing of a customer takes no part in its distances to others"
        + (f" (not known: {gaps} of {len(texts):,} customers)." if gaps else ".")
    ]
    same = [str(name) for name in texts if name not in kept]
    if same:
        said.append(f"{', '.join(same)} left out: the same for every customer.")
    said.append(
        "The check for structure looks at the features alone, since any category parts customers into kinds; silhouettes of "
        "a model with categories are in its own distances."
    )
    return tuple(said)
