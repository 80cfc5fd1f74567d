"""What several rooms' tests share: one small simulated study, the real data, a browser."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

# workers share the cores: threads of each would wait for one another, spinning, and take several times as long
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

# how long an example takes says nothing on a busy machine
settings.register_profile("payseg", deadline=None)
settings.load_profile("payseg")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _no_loop_of_a_browser(request):
    """Leave no loop marked as running to tests without a browser: one open in this process has left its own so."""
    if "browser" in request.node.path.parts:
        yield
        return
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets; tests that need it are skipped in a clone without it."""
    if not DATA.is_dir():
        pytest.skip("the real data sets (../shared/data) are not beside this clone")
    return DATA


@pytest.fixture(scope="session")
def simulated():
    """An easy world of 150 customers with its truth."""
    from payseg_widgets import simulate_ledger

    return simulate_ledger(150, seed=1)


@pytest.fixture(scope="session")
def study(simulated):
    """The whole line over the easy world."""
    from payseg_widgets import run_study

    with _few_rows():
        return run_study(simulated.ledger)


@pytest.fixture(scope="module")
def quick_forecasts():
    """Forecasts learnt from fewer rows: for tests of what is done with a forecast, not of how right it is."""
    with _few_rows():
        yield


@contextmanager
def _few_rows():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("payseg_widgets.prediction.dates._MOST_ROWS", 100_000)
        yield


@pytest.fixture(scope="session")
def node() -> str:
    """Path of node, which checks the page's half without a browser."""
    path = shutil.which("node")
    if path is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("CI needs node: apt-get install nodejs")
        pytest.skip("no node found; install it (Debian: apt-get install nodejs)")
    return path
