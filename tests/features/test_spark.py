"""Features on Spark are those of one process, to the last bit, however customers are spread."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from payseg_widgets import (
    FeatureError,
    Ledger,
    LedgerError,
    MissingDependencyError,
    UnknownNameError,
    compute_features,
    load_ledger,
    save_ledger,
    spark_features,
)
from payseg_widgets.features.measure import MEASURES

NO_PYSPARK = "pyspark is not installed; install it: python3 -m uv sync --extra spark"
NO_JAVA = "there is no Java for Spark; install it (Debian: apt-get install default-jre-headless)"
#: Closed to the outside, quiet, and quick to start rather than quick in the long run.
SETTINGS = {
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR", "spark.sql.shuffle.partitions": "3",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}  # fmt: skip


def has_java() -> bool:
    return bool(shutil.which("java") or os.environ.get("JAVA_HOME"))


@pytest.fixture(scope="session")
def pyspark_there() -> None:
    """In CI nothing is skipped: what is missing fails."""
    if find_spec("pyspark") is None and not os.environ.get("CI"):
        pytest.skip(NO_PYSPARK)


@pytest.fixture(scope="session")
def spark(pyspark_there: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark of two threads on this machine that nobody else can reach."""
    if not has_java() and not os.environ.get("CI"):
        pytest.skip(NO_JAVA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").appName("tests").config(map=SETTINGS)
        session = builder.config("spark.local.dir", str(tmp_path_factory.mktemp("spark"))).getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def folder(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_ledger(ledger, tmp_path_factory.mktemp("saved") / "a {ledger} [*]")


def collected(features: Any) -> pd.DataFrame:
    return features.toArrow().to_pandas().set_index("customer_id").sort_index()


def assert_same(features: Any, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(collected(features), expected, check_exact=True)


@pytest.mark.parametrize("n_partitions", [1, 3, 50])
def test_the_numbers_are_those_of_one_process_however_customers_are_spread(
    spark: Any, folder: Path, n_partitions: int
) -> None:
    expected = compute_features(load_ledger(folder)).frame
    assert_same(spark_features(folder, spark=spark, n_partitions=n_partitions), expected)


def test_every_registered_measure_is_there_and_none_is_missing_throughout(spark: Any, folder: Path) -> None:
    features = spark_features(folder, spark=spark)
    assert set(features.columns) == {"customer_id", *MEASURES}
    assert collected(features).notna().any().all()


def test_names_and_buckets_are_those_asked_for_and_customers_without_an_invoice_are_left_out(
    spark: Any, silent: Ledger, tmp_path: Path
) -> None:
    names = ["outstanding", "ageing_8_20_ratio", "mean_days_late"]
    expected = compute_features(silent, names, buckets=(7, 20)).frame
    assert (len(expected), len(silent.customers)) == (40, 44)
    folder = save_ledger(silent, tmp_path)
    features = spark_features(folder, names, spark=spark, buckets=(7, 20), n_partitions=50)
    assert features.columns == ["customer_id", *names]
    assert_same(features, expected)


def test_a_missing_value_is_null_so_that_spark_leaves_it_out_of_means(spark: Any, folder: Path) -> None:
    expected = compute_features(load_ledger(folder), ["reminder_response_ratio"]).frame.iloc[:, 0]
    assert expected.isna().any()
    features = spark_features(folder, ["reminder_response_ratio"], spark=spark)
    assert features.agg({"reminder_response_ratio": "mean"}).first()[0] == pytest.approx(expected.mean())


# What is refused -----------------------------------------------------------------------------------------------------


def test_a_folder_without_a_ledger_is_refused(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger in"):
        spark_features(tmp_path, spark=spark)
    (tmp_path / "ledger.json").write_text("")
    with pytest.raises(LedgerError, match=r"ledger\.json' cannot be read"):
        spark_features(tmp_path, spark=spark)


def test_a_table_that_is_missing_or_cut_into_several_files_is_refused(
    spark: Any, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "ledger")
    file = tmp_path / "ledger" / "payments.parquet"
    whole = file.rename(tmp_path / "payments.parquet")
    with pytest.raises(LedgerError, match=r"no payments\.parquet"):
        spark_features(tmp_path / "ledger", spark=spark)
    file.mkdir()
    shutil.copy(whole, file / "1.parquet")
    shutil.copy(whole, file / "2.parquet")
    with pytest.raises(LedgerError, match=r"payments\.parquet in .* is 2 files"):
        spark_features(tmp_path / "ledger", spark=spark)


def test_a_payment_of_another_customer_s_invoice_is_told_from_the_worker(
    spark: Any, folder: Path, tmp_path: Path
) -> None:
    from pyspark.errors import PythonException

    shutil.copytree(folder, tmp_path / "ledger")
    payments = pq.read_table(folder / "payments.parquet")
    rows = payments["invoice_row"].to_numpy()[::-1]
    rows = payments.set_column(0, payments.field(0), [rows])
    pq.write_table(rows, tmp_path / "ledger" / "payments.parquet")
    with pytest.raises(PythonException, match=r"payments\.invoice_row says .* the ledger is damaged"):
        spark_features(tmp_path / "ledger", spark=spark, n_partitions=20).collect()


@pytest.mark.parametrize("n_partitions", [0, -1, 2.5, True])
def test_a_number_of_groups_that_is_none_is_refused(n_partitions: Any) -> None:
    with pytest.raises(FeatureError, match=f"n_partitions={n_partitions}"):
        spark_features("anywhere", n_partitions=n_partitions)


def test_an_unknown_name_is_answered_with_the_nearest_before_spark_is_started() -> None:
    with pytest.raises(UnknownNameError, match="mean_days_late"):
        spark_features("anywhere", ["mean_day_late"])


# What is not installed -----------------------------------------------------------------------------------------------


def test_without_pyspark_the_error_says_which_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'payseg-widgets\[spark\]'"):
        spark_features("anywhere")


def in_a_new_process(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from payseg_widgets import spark_features\n"
        "print(spark_features(sys.argv[1], ['n_invoices']).agg({'n_invoices': 'sum'}).first()[0])"
    )
    kept = {k: v for k, v in os.environ.items() if k not in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")}
    submit = shlex.join(part for pair in SETTINGS.items() for part in ("--conf", "=".join(pair)))
    kept |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS": f"{submit} pyspark-shell"}
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], env=kept | environment, text=True, capture_output=True,
        check=False, timeout=300,
    )  # fmt: skip


def test_without_java_the_error_says_what_to_install(pyspark_there: None, folder: Path) -> None:
    done = in_a_new_process(folder, JAVA_HOME="/nowhere")
    assert "MissingDependencyError: Spark's Java did not start. Install Java 17" in done.stderr
    assert "it is '/nowhere'" in done.stderr


def test_a_session_of_its_own_runs_the_python_it_was_called_from(spark: Any, folder: Path) -> None:
    """Another python3, one without this package, comes first on the path."""
    java = os.environ.get("JAVA_HOME") or str(Path(shutil.which("java") or "").resolve().parents[1])
    done = in_a_new_process(folder, PATH="/usr/bin:/bin", JAVA_HOME=java)
    n_invoices = compute_features(load_ledger(folder), ["n_invoices"]).frame["n_invoices"].sum()
    assert done.stdout.split() == [str(n_invoices)], done.stderr[-2000:]
