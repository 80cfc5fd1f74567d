"""The same features where one machine is not enough: customers in groups, each computed by a worker of Spark.

A saved ledger's tables become one long table with a ``kind`` column, customers are hashed into groups, and the rows of a
group are a small saved ledger of their own: rows are renumbered and go the way every ledger goes. So a distributed
run gives the same numbers by construction. A row's place in its file, which Spark knows, stands for the ledger's order;
nothing is sorted or joined by text.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from payseg_widgets.errors import FeatureError, LedgerError, MissingDependencyError
from payseg_widgets.features.ageing import DEFAULT_BUCKETS
from payseg_widgets.features.compute import LOT_INVOICES, choose_measures, compute_columns
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.measure import Measure
from payseg_widgets.ledger.store import ledger_from_arrow, no_ledger, parse_about

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: What features read of each table, as Spark writes types; a table's place here is its ``kind``.
_COLUMNS = {
    "customers": {"customer_id": "string", "credit_limit_minor": "bigint"},
    "invoices": {
        "customer": "int", "issued_on": "date", "due_on": "date", "amount_minor": "bigint", "closed_on": "date",
        "closed_reason": "string",
    },
    "payments": {"invoice_row": "int", "customer": "int", "paid_on": "date", "amount_minor": "bigint"},
    "credit_notes": {"invoice_row": "int", "customer": "int", "issued_on": "date", "amount_minor": "bigint"},
    "reminders": {"invoice_row": "int", "customer": "int", "sent_on": "date"},
    "disputes": {"invoice_row": "int", "customer": "int", "known_on": "date"},
}  # fmt: skip


def spark_features(
    folder: str | Path,
    names: Sequence[str] | None = None,
    *,
    spark: SparkSession | None = None,
    buckets: Sequence[int] = DEFAULT_BUCKETS,
    n_partitions: int | None = None,
) -> DataFrame:
    """Measure the payment behaviour of every customer of a saved ledger, distributed over a Spark cluster.

    Parameters
    ----------
    folder : path or str
        A folder that `save_ledger` wrote, or anything that writes its format (a table a file, sorted as the ledger's
        promises say). Driver and workers must see it: a shared disk, or an address such as ``s3a://...``. The ledger is
        read as known at the ``as_of`` it was saved with; to look from an earlier day, save ``ledger.until(day)``.
    names : sequence of str, optional
        Which measures, in this order; all of them by default.
    spark : pyspark.sql.SparkSession, optional
        By default the active session, or else a new one by Spark's own settings. Workers need this package installed.
    buckets : sequence of int
        Upper ends, in days past due, of the ageing buckets.
    n_partitions : int, optional
        Into how many groups customers are hashed; one group at a time must fit into a worker's memory. By default a
        group has about 100,000 invoices. The numbers do not depend on it.

    Returns
    -------
    pyspark.sql.DataFrame
        One row per customer with at least one invoice, in no particular order: ``customer_id`` and each measure as a
        double, null where it cannot be estimated. The values are those of ``compute_features(load_ledger(folder))``.
        Nothing is computed before the frame is used, and it is computed again at each use unless it is cached.

    Raises
    ------
    UnknownNameError, FeatureError
        As `compute_features`; also if ``n_partitions`` is not a whole number above 0.
    LedgerError
        If there is no ledger in the folder or its files are not those of one.
    MissingDependencyError
        If pyspark or Java is not installed.

    Examples
    --------
    ::

        save_ledger(ledger, "/shared/ledger")
        features = spark_features("/shared/ledger", ["mean_days_late", "outstanding"], spark=spark)
        features.write.parquet("/shared/features")
    """
    measures = choose_measures(names, buckets)
    if n_partitions is not None and (type(n_partitions) is not int or n_partitions < 1):
        raise FeatureError(
            f"n_partitions={n_partitions!r} is not a whole number above 0; leave it out, or give 200."
        )
    _require_pyspark()
    with warnings.catch_warnings():  # tables are exchanged as Arrow: Spark's own pandas support is not used
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        return _features(spark or _session(), folder, measures, n_partitions)


def _features(
    session: SparkSession, folder: str | Path, measures: Sequence[Measure], n_partitions: int | None
) -> DataFrame:
    from pyspark.sql import functions

    about = _about(session, folder)
    n_groups = n_partitions or about["n_rows"]["invoices"] // LOT_INVOICES + 1
    group = functions.pmod(functions.hash("customer"), functions.lit(n_groups))
    schema = ", ".join(("customer_id string", *(f"`{m.name}` double" for m in measures)))
    return _long_table(session, folder).groupBy(group).applyInArrow(_worker(measures, about), schema)


def _worker(measures: Sequence[Measure], about: Mapping[str, Any]) -> Callable[[pa.Table], pa.Table]:
    """Return what a worker does with the rows of one group."""

    def measure_group(rows: pa.Table) -> pa.Table:
        ledger = ledger_from_arrow(_tables(rows), about)
        invoices = SettledInvoices.from_ledger(ledger)
        columns = compute_columns(invoices, measures)
        table = {"customer_id": pa.array(invoices.customer_ids, pa.string())}
        table |= {name: pa.array(values, pa.float64(), from_pandas=True) for name, values in columns.items()}
        return pa.table(table)

    return measure_group


def _tables(rows: pa.Table) -> dict[str, pa.Table]:
    """Split the rows of a group into tables whose customers and invoices are numbered within the group."""
    tables = {
        name: rows.filter(pc.equal(rows["kind"], kind)).sort_by("position")
        for kind, name in enumerate(_COLUMNS)
    }
    places = {
        "customer": tables["customers"]["position"].to_numpy(), "invoice_row": tables["invoices"]["position"].to_numpy()
    }  # fmt: skip
    for name, columns in _COLUMNS.items():
        table = tables[name].select(list(columns))
        for column in columns.keys() & places.keys():
            within = pa.array(_renumbered(table[column].to_numpy(), places[column], f"{name}.{column}"))
            table = table.set_column(table.column_names.index(column), column, within)
        tables[name] = table
    return tables


def _renumbered(rows: np.ndarray, places: np.ndarray, where: str) -> np.ndarray:
    """Return where each row of the whole ledger stands among those of this group; -1 stays -1."""
    within = np.searchsorted(places, rows)
    is_here = (rows < 0) | (np.append(places, -1)[within] == rows)
    if not is_here.all():
        raise LedgerError(
            f"{where} says {rows[~is_here][0]}, and that customer has no such row: the ledger is damaged. Save it again."
        )
    return np.where(rows < 0, -1, within).astype(np.int32)


def _long_table(session: SparkSession, folder: str | Path) -> DataFrame:
    """Return every row features read, each with its ``kind`` and its ``position`` in the file."""
    from pyspark.sql import functions

    tables = []
    for kind, (name, columns) in enumerate(_COLUMNS.items()):
        file = _table(session, folder, name, columns)
        position = functions.col("_metadata.row_index")
        table = file.select(*columns, functions.lit(kind).alias("kind"), position.alias("position"))
        if name == "customers":
            table = table.withColumn("customer", table["position"].cast("int"))
        tables.append(table)
    return reduce(lambda above, below: above.unionByName(below, allowMissingColumns=True), tables)


def _table(session: SparkSession, folder: str | Path, name: str, columns: Mapping[str, str]) -> DataFrame:
    from pyspark.errors import AnalysisException

    # said, not inferred: other columns of the file may be of types Spark does not know
    schema = ", ".join(f"{column} {dtype}" for column, dtype in columns.items())
    try:
        table = session.read.schema(schema).parquet(_path(folder, f"{name}.parquet"))
        n_files = len(table.inputFiles())
    except AnalysisException as error:
        raise LedgerError(
            f"the ledger in {str(folder)!r} has no {name}.parquet that can be read. Save it again."
        ) from error
    if n_files != 1:  # places are counted within a file
        raise LedgerError(
            f"{name}.parquet in {str(folder)!r} is {n_files} files, and a ledger's table is one. Save it again."
        )
    return table


def _about(session: SparkSession, folder: str | Path) -> dict[str, Any]:
    from pyspark.errors import AnalysisException

    try:
        line = session.read.text(_path(folder, "ledger.json"), wholetext=True).first()
    except AnalysisException as error:
        raise no_ledger(folder) from error
    return parse_about(line[0] if line else "", folder)


def _path(folder: str | Path, name: str) -> str:
    """Return the address of a file; Spark would take ``[``, ``*`` and their like for patterns."""
    return re.sub(r"([{}\[\]*?])", r"\\\1", f"{folder}/{name}")


def _session() -> SparkSession:
    """Return the active session, or a new one; on this machine alone its workers run this Python."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession, is_remote

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    try:
        session = SparkSession.builder.appName("payseg_widgets").getOrCreate()
    except PySparkRuntimeError as error:
        if error.getCondition() != "JAVA_GATEWAY_EXITED":
            raise
        raise MissingDependencyError(
            "Spark's Java did not start. Install Java 17 or newer (Debian: apt-get install default-jre-headless), or let "
            f"JAVA_HOME point to one; it is {os.environ.get('JAVA_HOME')!r}. What Java said is printed above."
        ) from error
    if not is_remote() and session.sparkContext.master.startswith("local"):
        session.sparkContext.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
    return session


def _require_pyspark() -> None:
    try:
        import pyspark.sql  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"spark_features needs pyspark ({error}). Install the extra: "
            "python3 -m pip install 'payseg-widgets[spark]'; Spark also needs Java 17 or newer."
        ) from error
