"""Figures of the Companies House client against the local register: python benchmarks/companies_house.py [--kernel SECONDS]."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import Any

from payseg_widgets.enrichment.answer import Answer
from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.batch import LookUpResult, look_up_all
from payseg_widgets.enrichment.client.clock import Clock
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.client.loop import submit
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.matcher import Matcher
from payseg_widgets.enrichment.sources.companies_house import CustomerSearch, completed
from payseg_widgets.enrichment.testing import FaultPlan, register_server, simulate_companies
from payseg_widgets.enrichment.testing.companies import simulate_customers
from payseg_widgets.enrichment.testing.plan import HARMLESS, RETRIED
from payseg_widgets.enrichment.testing.served import ServedRegister
from payseg_widgets.enrichment.testing.server import TEST_KEY, RegisterServer
from payseg_widgets.enrichment.testing.virtual import SimulatedTransport, run_virtually
from payseg_widgets.enrichment.testing.window import FixedWindow

COMPANIES = simulate_companies(2_000, seed=1)
REGISTER = ServedRegister(COMPANIES)
NUMBERED = [CustomerRecord(each.number, each.name, company_number=each.number) for each in COMPANIES]


async def look_up(
    client: CompaniesHouse, customers: list[CustomerRecord], *, concurrency: int = 8
) -> list[LookUpResult]:
    results: list[LookUpResult] = []
    async with CustomerSearch(client) as source:
        await look_up_all(
            customers,
            source.look_up,
            on_result=results.append,
            governor=client.governor,
            concurrency=concurrency,
        )
    return results


def client_of(server: RegisterServer, *, speed: float = 1.0, **options: Any) -> CompaniesHouse:
    governor = Governor(clock=Clock(speed=speed))
    return CompaniesHouse(TEST_KEY, base_url=server.url, governor=governor, **options)


def clock_off() -> None:
    for minutes in (-10, 0, 10):
        transport = SimulatedTransport(REGISTER, clock_offset_seconds=60 * minutes)
        run_virtually(look_up(CompaniesHouse(TEST_KEY, transport=transport), NUMBERED))
        window = transport.window
        print(
            f"2,000 requests, virtual time, clock off by {minutes:+} min: {window.n_refused} refused, windows {window.counts}"
        )
    for minutes in (-10, 10):
        with register_server(REGISTER, speed=30, clock_offset_seconds=60 * minutes) as server:
            submit(look_up(client_of(server, speed=30), NUMBERED)).result()
        print(
            f"2,000 requests, sockets, clock off by {minutes:+} min: {server.n_refused} refused, windows {server.windows}"
        )


def virtual_time() -> None:
    for n in (600, 2_000, 10_000):
        transport = SimulatedTransport(REGISTER)
        client = CompaniesHouse(TEST_KEY, transport=transport)
        customers = [NUMBERED[k % len(NUMBERED)] for k in range(n)]
        _, seconds = run_virtually(look_up(client, customers))
        print(
            f"{n:,} requests in the 600-per-5-minutes window: {seconds:.1f} s virtual, {transport.window.n_refused} refused"
        )


def cold() -> None:
    with register_server(REGISTER, latency_seconds=0.085) as server:
        client = client_of(server)
        began_at, cpu_before = time.monotonic(), time.process_time()
        submit(look_up(client, NUMBERED[:600])).result()
        seconds, cpu = time.monotonic() - began_at, time.process_time() - cpu_before
        print(f"600 requests, sockets, cold, 85 ms latency: {seconds:.1f} s, {cpu:.1f} CPU-s with the server")


def faults() -> None:
    for kinds, words in ((RETRIED, "fail"), (HARMLESS, "look as if they did")):
        plan = FaultPlan(11, 0.2, kinds)
        with register_server(REGISTER, speed=30, slow_seconds=4.0, plan=plan) as server:
            client = client_of(server, speed=30, timeout_seconds=3.0, read_timeout_seconds=2.5)
            results = submit(look_up(client, NUMBERED, concurrency=16)).result()
        right = sum(
            [each.number for each in result.found] == [result.customer.company_number] for result in results
        )
        share = len(server.requests) / len(NUMBERED)
        print(
            f"20 % of requests {words} ({len(kinds)} kinds): {right:,} of 2,000 right, {share:.3f} x the requests"
        )
        print(
            "  ",
            {result.failure for result in results if result.failure} or "no failure",
            f"{server.n_refused} refused",
        )


def named() -> None:
    for share in (0.0, 0.15, 0.3):
        transport = SimulatedTransport(REGISTER)
        client = CompaniesHouse(TEST_KEY, transport=transport)
        answers = run_virtually(answer(client, simulate_customers(COMPANIES, seed=2, share_hard=share)))[0]
        truth = {f"C{k}": company.number for k, company in enumerate(COMPANIES)}
        matched = [each for each in answers if each.state == "matched"]
        right = sum(each.candidates[0].company.number == truth[each.customer_id] for each in matched)
        lacking = sum(not each.candidates[0].company.sic_codes for each in matched)
        print(
            f"named customers, {share:.0%} with an error or added word: {client.governor.n_sent / 2_000:.2f} requests each, "
            f"sectors of the matched included ({lacking} without one); {len(matched) / 2_000:.1%} matched, "
            f"{right / len(matched):.2%} of them rightly"
        )


async def answer(client: CompaniesHouse, customers: list[CustomerRecord]) -> list[Answer]:
    """Answer as `ApiRegister` does, in whatever time the client lives in."""
    matcher = Matcher("a simulated register")
    results: list[LookUpResult[Answer]] = []
    async with CustomerSearch(client) as source:

        async def answered(customer: CustomerRecord) -> Answer:
            found = matcher.from_companies(customer, await source.look_up(customer))
            return await completed(found, source.register)

        await look_up_all(customers, answered, on_result=results.append, governor=client.governor)
    return [result.found for result in results if result.found is not None]


def two_notebooks() -> None:
    worst = 0
    for seed in range(20):
        window = FixedWindow()
        clients = [
            CompaniesHouse(TEST_KEY, transport=SimulatedTransport(REGISTER, window=window, seed=2 * seed + k))
            for k in (0, 1)
        ]

        async def both(
            clients: list[CompaniesHouse] = clients, wait: float = random.Random(seed).uniform(0, 10)
        ) -> None:
            async def later() -> None:
                await asyncio.sleep(wait)
                await look_up(clients[1], NUMBERED[:900])

            await asyncio.gather(look_up(clients[0], NUMBERED[:900]), later())

        run_virtually(both())
        worst = max(worst, window.n_refused)
    print(f"two notebooks on one key, 900 requests each, 20 runs: at most {worst} refused in a run")


def kernel(seconds: float) -> None:
    with register_server(REGISTER, latency_seconds=0.085) as server:
        handle = submit(look_up(client_of(server), NUMBERED[:500]))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            sum(range(1_000))
        was_done = handle.is_done
        results = handle.result()
    failed = sum(bool(result.failure) for result in results)
    print(
        f"main thread blocked for {seconds:g} s: {len(results)} of 500 told, {failed} failed, done meanwhile: {was_done}"
    )


def cancelled() -> None:
    """While replies take five seconds, at the end of the quota, and while everybody pauses for an outage."""
    outage = FaultPlan.exactly(["html_502"] * 10_000)
    for where, options in (
        ("replies", {"latency_seconds": 5.0}),
        ("quota", {}),
        ("outage", {"plan": outage}),
    ):
        worst = 0.0
        for _ in range(5):
            with register_server(REGISTER, **options) as server:
                if where == "quota":
                    for _ in range(590):
                        server._window.count(server.now())
                handle = submit(look_up(client_of(server), NUMBERED[:100]))
                time.sleep(0.5)
                began = time.monotonic()
                handle.cancel()
                worst = max(worst, time.monotonic() - began)
        print(f"cancelled while it waits for {where}, the longest of 5: {1000 * worst:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--kernel", type=float, default=60.0, metavar="SECONDS", help="how long the main thread is blocked"
    )
    seconds = parser.parse_args().kernel
    for measure in (clock_off, virtual_time, cold, faults, named, two_notebooks, cancelled):
        measure()
    kernel(seconds)


if __name__ == "__main__":
    main()
