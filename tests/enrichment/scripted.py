"""A source that answers from a small register by rules anybody can follow, for the tests of what stands on sources."""

from __future__ import annotations

import re
import threading
import time
from datetime import date
from difflib import SequenceMatcher

import pandas as pd

from payseg_widgets.enrichment.answer import Answer, Candidate
from payseg_widgets.enrichment.company import Company


def companies(*rows):
    """Companies of (number, name, postcode, SIC code)."""
    return [
        Company(number, name, "active", "ltd", date(2012, 3, 4), postcode=postcode, sic_codes=(sic,))
        for number, name, postcode, sic in rows
    ]


REGISTER = companies(
    ("00000001", "OAK JOINERY LIMITED", "EC1A 1BB", "43320"),
    ("00000002", "OAK JOINERS LIMITED", "LS1 4AP", "43320"),
    ("00000003", "ELM FOODS LIMITED", "EH1 1YZ", "46390"),
    ("00000004", "ASH & SONS LIMITED", "BS1 4DJ", "49410"),
    ("00000005", "FIR SOFTWARE LTD", "CF10 1EP", "62020"),
)
CUSTOMERS = pd.DataFrame({
    "customer_id": ["C1", "C2", "C3", "C4", "C5", "C6"],
    "name": ["Oak Joinery Ltd", "Elm Food Ltd", "Ash and Son", "J Smith (sole trader)", "Fir Softwear", "Oka Joiner Ltd"],
    "address": ["1 Mill Lane, London", "", "2 Quay, Bristol", "", "3 Bay, Cardiff", "4 Park Row, Leeds"],
    "postcode": ["EC1A 1BB", None, "BS1 4DJ", "EX1 1AA", None, "LS1 4AP"],
    "region": [None, "Scotland", None, None, None, None],
    "sector": [None, None, None, "Construction", None, None],
})  # fmt: skip


def core(name):
    words = re.sub(r"[^A-Z ]", " ", name.upper().replace("&", " AND ")).split()
    return " ".join(word for word in words if word not in ("LTD", "LIMITED"))


class ScriptedSource:
    """Likeness of names is the probability: from 0.97 matched, from 0.5 to be reviewed.

    ``gate`` holds every customer until it is let go; without one nobody waits.
    """

    name, label, batch, accept_from = "scripted", "A register of five companies", 100, 0.97

    def __init__(self, register=REGISTER, *, gate=None, breaks_at=None, fails=()):
        self.register, self.gate, self.breaks_at, self.fails = register, gate, breaks_at, fails
        self.asked, self.numbers, self.threads = [], [], set()

    def look_up(self, customers, on_answer, *, tell, cancel, pause, n_after):
        self.threads.add(threading.get_ident())
        for n, customer in enumerate(customers, 1):
            while pause is not None and pause.is_set() and not cancel.is_set():
                time.sleep(0.005)
            if self.gate is not None:
                while not self.gate.acquire(timeout=0.01):
                    if cancel.is_set():
                        return
            if cancel is not None and cancel.is_set():
                return
            if customer.customer_id == self.breaks_at:
                raise self.error
            self.asked.append(customer.customer_id)
            on_answer(customer, self.answer(customer))
            tell("2.0 requests a second, 598 left", n, len(customers))

    def answer(self, customer):
        if customer.customer_id in self.fails:
            return Answer(
                customer.customer_id,
                "failed",
                "The reply could not be read.",
                (),
                self.name,
                date(2026, 11, 1),
            )
        scored = [
            (SequenceMatcher(None, core(customer.name), core(c.name)).ratio(), c) for c in self.register
        ]
        best = sorted(scored, key=lambda one: -one[0])[:3]
        found = tuple(
            Candidate(
                company, round(likeness, 3), (f"names are {likeness:.0%} alike",),
                () if company.postcode == customer.postcode else ("another postcode",),
            )
            for likeness, company in best if likeness >= 0.3
        )  # fmt: skip
        top = best[0][0] if best else 0.0
        state = "matched" if top >= 0.97 else "needs review" if top >= 0.5 else "no match"
        reason = {
            "matched": "The names are the same.",
            "needs review": "The names differ.",
            "no match": "Nothing is alike.",
        }
        candidates = found if state != "no match" else ()
        return Answer(customer.customer_id, state, reason[state], candidates, self.name, date(2026, 11, 1))

    def company(self, number):
        self.numbers.append(number)
        return next((c for c in self.register if c.number == number), None)
