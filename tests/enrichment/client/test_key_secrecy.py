"""The key is in no address, log, repr, traceback or pickle, whatever goes wrong."""

import asyncio
import logging
import pickle
import traceback

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.clock import Clock
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.client.key import Key
from payseg_widgets.enrichment.client.outage import Outage
from payseg_widgets.enrichment.testing import FaultPlan, register_server
from payseg_widgets.enrichment.testing.plan import FINAL, KINDS
from tests.enrichment.conftest import SPEED, look_up

SECRET = "9f0a1b-SECRET-77e1d2"
ENCODED = Key(SECRET).authorization().removeprefix("Basic ")


def shown(error):
    """All that an error shows, and those behind it, with their attributes."""
    texts = ["".join(traceback.format_exception(error))]
    while error is not None:
        texts += [repr(error), str(vars(error)), str(error.args)]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def is_secret_in(text):
    return SECRET in text or ENCODED in text or "SECRET" in text


@pytest.mark.parametrize("fault", [*FINAL, "reset", "bad_gzip", "redirect", "html_200"])
def test_no_error_shows_it(register, numbered, caplog, fault):
    caplog.set_level(logging.DEBUG)
    plan = FaultPlan.exactly([fault] * 100)
    with register_server(register, key=SECRET, plan=plan, speed=SPEED) as server:
        governor = Governor(clock=Clock(speed=SPEED), outage=Outage(threshold=1000))
        client = CompaniesHouse(SECRET, base_url=server.url, governor=governor)

        async def story():
            async with client:
                await client.company(numbered[0].company_number)

        with pytest.raises(errors.SourceError) as caught:
            asyncio.run(story(), debug=True)
        assert not is_secret_in("\n".join(seen.target for seen in server.requests))
    assert not is_secret_in(shown(caught.value))
    assert not is_secret_in(pickle.dumps(caught.value).decode("latin-1"))
    assert not is_secret_in(caplog.text)
    assert not is_secret_in(repr(client) + str(vars(client)) + str(vars(client.governor)))
    with pytest.raises(TypeError, match="key is not written"):
        pickle.dumps(client._transport._key)


def test_results_and_logs_of_a_batch_full_of_faults_do_not_show_it(register, numbered, caplog):
    caplog.set_level(logging.DEBUG)
    results, told = [], []
    kinds = [kind for kind in KINDS if kind not in (*FINAL, "slow_headers", "drip", "refused_connection")]
    with register_server(register, key=SECRET, plan=FaultPlan(3, 0.4, kinds), speed=SPEED) as server:
        client = CompaniesHouse(SECRET, base_url=server.url, governor=Governor(clock=Clock(speed=SPEED)))
        asyncio.run(look_up(client, numbered[:40], results, on_progress=told.append), debug=True)
    assert len(results) == 40
    assert not is_secret_in(caplog.text + repr(results) + repr(told))
    assert not is_secret_in(pickle.dumps(results).decode("latin-1"))
    assert "ACORN" not in caplog.text  # nor any customer's name
