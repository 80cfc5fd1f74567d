"""Against the real register, only when asked for: PAYSEG_LIVE=1 and a key in COMPANIES_HOUSE_API_KEY."""

import asyncio
import os

import pytest

from payseg_widgets.enrichment.client.api import CompaniesHouse

pytestmark = pytest.mark.skipif(
    os.environ.get("PAYSEG_LIVE") != "1" or not os.environ.get("COMPANIES_HOUSE_API_KEY"),
    reason="asks the real register: set PAYSEG_LIVE=1 and COMPANIES_HOUSE_API_KEY",
)


def test_the_real_register_still_answers_as_recorded():
    """Three requests: a profile, a number that nobody has, a name."""

    async def story():
        async with CompaniesHouse() as register:
            company = await register.company("14200734")
            assert company is not None
            assert (company.number, company.company_type) == ("14200734", "ltd")
            assert "R5E ART LIMITED" in [each.name for each in company.previous_names]
            assert await register.company("99999999") is None
            named = await register.search(company.name)
            assert company.number in [each.number for each in named]
            assert all(each.sic_codes or each.status != "active" for each in named)
            left = register.governor.quota_left()
            assert left is not None, "the replies had no X-Ratelimit headers"
            assert 0 < left < 600
            assert register.governor.n_refused == 0

    asyncio.run(story())
