"""The loop in a thread of its own: from scripts, from running loops, to a clean end."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client import loop as loops
from payseg_widgets.enrichment.client.loop import LoopThread, submit


async def where():
    await asyncio.sleep(0)
    return threading.current_thread().name


def test_work_runs_in_the_one_thread_also_from_within_a_running_loop():
    async def cell():
        return submit(where()).result(timeout=5)

    assert submit(where()).result() == asyncio.run(cell()) == "payseg enrichment"
    assert sum(thread.name == "payseg enrichment" for thread in threading.enumerate()) == 1


def test_results_and_errors_come_back():
    async def fail():
        raise errors.RequestError("why")

    with pytest.raises(errors.RequestError, match="why"):
        submit(fail()).result()


def test_cancelling_ends_the_work_and_lets_it_clean_up():
    cleaned = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    handle = submit(work())
    time.sleep(0.05)
    assert handle.cancel()
    assert cleaned == [True]
    with pytest.raises(errors.Cancelled):
        handle.result()
    assert handle.cancel()  # once more changes nothing


def test_waiting_may_have_an_end_while_the_work_goes_on():
    handle = submit(asyncio.sleep(0.3, "done"))
    with pytest.raises(TimeoutError):
        handle.result(timeout=0.01)
    assert not handle.is_done
    assert handle.result() == "done"


def test_a_callback_in_the_thread_may_submit_more():
    async def more():
        return submit(where())

    assert submit(more()).result().result() == "payseg enrichment"


def test_a_closed_thread_cancels_what_runs_and_refuses_more():
    thread = LoopThread()
    handle = thread.submit(asyncio.sleep(60))
    thread.close()
    assert not thread.is_running
    with pytest.raises(errors.Cancelled):
        handle.result(timeout=1)
    with pytest.raises(errors.Cancelled, match="closed"):
        thread.submit(asyncio.sleep(0))
    thread.close()  # nothing left to do


def test_after_a_close_a_new_thread_is_made():
    submit(where()).result()
    loops._close_shared()
    assert submit(where()).result() == "payseg enrichment"


SCRIPT = """
import asyncio, time
from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.loop import submit
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.testing.server import RegisterServer, TEST_KEY

server = RegisterServer([Company("01234567", "ACORN LTD")], latency_seconds=30)
server.start()

async def work():
    async with CompaniesHouse(TEST_KEY, base_url=server.url) as register:
        await asyncio.gather(*(register.company("01234567") for _ in range(5)))

submit(work())
while not server.requests:
    time.sleep(0.01)
print("leaving")
"""


def test_a_script_that_ends_in_the_middle_ends_without_a_warning():
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "leaving\n", "")
