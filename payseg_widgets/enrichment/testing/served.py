"""What the register's endpoints answer, without the network: the server's and the simulations' content."""

from __future__ import annotations

import bisect
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.testing import shapes

_WORD = re.compile(r"[^\W_]+(?:['.’][^\W_]+)*")
MOST_RESULTS = 10_000
_SIZE_TEXT = "Invalid size parameter, size must be greater than zero and not greater than {}"


@dataclass(frozen=True)
class Answer:
    """A status, and what is sent as JSON; ``None`` for an empty body, text as it is."""

    status: int
    content: Any = None

    def body(self) -> bytes:
        """Encode what is sent."""
        if self.content is None:
            return b""
        text = self.content if isinstance(self.content, str) else json.dumps(self.content, ensure_ascii=False)
        return text.encode()


class ServedRegister:
    """Companies that can be asked for in the ways of the real register.

    Parameters
    ----------
    companies : iterable of Company
    today : date, optional
        For what is shown of companies dissolved long ago.
    """

    def __init__(self, companies: Iterable[Company], *, today: date | None = None) -> None:
        self._companies = {company.number: company for company in companies}
        self._today = today or date.today()
        self._named: dict[str, set[str]] = defaultdict(set)  # word -> numbers, by the current name
        self._ever_named: dict[str, set[str]] = defaultdict(set)  # by previous names too
        for company in self._companies.values():
            for word in _words(company.name):
                self._named[word].add(company.number)
            for name in (company.name, *(each.name for each in company.previous_names)):
                for word in _words(name):
                    self._ever_named[word].add(company.number)
        self._vocabulary = sorted(self._ever_named)
        self._alphabet = sorted(
            (shapes.alpha_key(each.name), each.number) for each in self._companies.values()
        )

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        """Answer a GET request; parameters that are not known are ignored, as by the register."""
        searches: dict[str, Callable[[Mapping[str, str]], Answer]] = {
            "/search/companies": self._search,
            "/advanced-search/companies": self._advanced,
            "/alphabetical-search/companies": self._alphabetical,
            "/dissolved-search/companies": self._dissolved,
        }
        if path in searches:
            return searches[path](query)
        match = re.fullmatch(r"/company/([^/]+)", path)
        return self._profile(match[1]) if match else Answer(404)

    def _profile(self, number: str) -> Answer:
        company = self._companies.get(number)
        if company is None:
            return Answer(
                404,
                {
                    "message": f'404 NOT_FOUND "Resource not found for company profile {number}"',
                    "request_id": "0" * 28,
                    "timestamp": f"{self._today}T12:00:00",
                },
            )
        return Answer(200, shapes.profile(company))

    def _search(self, query: Mapping[str, str]) -> Answer:
        size, start = min(100, _whole(query, "items_per_page", 20)), _whole(query, "start_index", 0)
        if start + size > 1000:
            return Answer(416)
        ranked = self._ranked(query.get("q", ""))
        text = query.get("q", "")
        page = [
            shapes.search_hit(self._companies[number], self._found_name(number, text))
            for number in ranked[start : start + size]
        ]
        return Answer(
            200,
            {
                "items": page,
                "items_per_page": size,
                "kind": "search#companies",
                "page_number": start // max(size, 1) + 1,
                "start_index": start,
                "total_results": min(MOST_RESULTS, len(ranked)),
            },
        )

    def _ranked(self, text: str) -> list[str]:
        """Numbers of companies that have or had such a word in their name, by relevance."""
        scores: dict[str, float] = defaultdict(float)
        for word in set(_words(text)):
            for near, likeness in self._near(word):
                numbers = self._ever_named[near]
                weight = likeness * math.log(1 + len(self._companies) / len(numbers))
                for number in numbers:
                    scores[number] += weight
        return sorted(scores, key=lambda number: (-scores[number], len(self._companies[number].name), number))

    def _near(self, word: str) -> list[tuple[str, float]]:
        if word in self._ever_named:
            return [(word, 1.0)]
        within = 1 if len(word) < 6 else 2
        if len(word) < 4:
            return []
        found = process.extract(
            word, self._vocabulary, scorer=Levenshtein.distance, score_cutoff=within, limit=10
        )
        return [(near, 1 - distance / len(word)) for near, distance, _ in found]

    def _found_name(self, number: str, text: str) -> str:
        company, wanted = self._companies[number], set(_words(text))
        fits = len(wanted & set(_words(company.name)))
        for previous in company.previous_names:
            if len(wanted & set(_words(previous.name))) > fits:
                return previous.name
        return ""

    def _advanced(self, query: Mapping[str, str]) -> Answer:
        size, start = _whole(query, "size", 20), _whole(query, "start_index", 0)
        if not 1 <= size <= 5000:
            return Answer(422, _SIZE_TEXT.format(5000))
        if start + size > MOST_RESULTS:
            return Answer(416)
        try:
            tests = list(_conditions(query))
        except ValueError:
            return Answer(
                400,
                "Date provided is either invalid, empty or in the incorrect format, please use 'yyyy-mm-dd'",
            )
        words = _words(query.get("company_name_includes", ""))
        sets = sorted((self._named.get(word, set()) for word in words), key=len)
        numbers = set.intersection(*sets) if sets else set(self._companies)
        excluded = _words(query.get("company_name_excludes", ""))
        numbers = numbers.difference(*(self._named.get(word, set()) for word in excluded))
        hits = [self._companies[number] for number in sorted(numbers)]
        hits = [company for company in hits if all(test(company) for test in tests)]
        if not hits[start : start + size]:
            return Answer(404)
        page = [shapes.advanced_hit(company) for company in hits[start : start + size]]
        content = {
            "hits": min(MOST_RESULTS, len(hits)),
            "items": page,
            "kind": "search#advanced-search",
            "top_hit": page[0],
        }
        return Answer(200, {"etag": "0" * 40, **content})

    def _alphabetical(self, query: Mapping[str, str]) -> Answer:
        size = _whole(query, "size", 20)
        if not 1 <= size <= 100:
            return Answer(422, _SIZE_TEXT.format(100))
        if not self._alphabet:
            return Answer(404)
        at = min(
            bisect.bisect_left(self._alphabet, (shapes.alpha_key(query.get("q", "")), "")),
            len(self._alphabet) - 1,
        )
        first = max(0, at - size // 2)
        near = [self._companies[number] for _, number in self._alphabet[first : first + size]]
        top = self._companies[self._alphabet[at][1]]
        items = [shapes.alphabetical_hit(company) for company in near]
        return Answer(
            200,
            {"items": items, "kind": "search#alphabetical-search", "top_hit": shapes.alphabetical_hit(top)},
        )

    def _dissolved(self, query: Mapping[str, str]) -> Answer:
        size, start = _whole(query, "size", 20), _whole(query, "start_index", 0)
        if not 1 <= size <= 100:
            return Answer(422, _SIZE_TEXT.format(100))
        kind = query.get("search_type", "alphabetical")
        text, wants_previous = query.get("q", ""), kind == "previous-name-dissolved"
        ended = [number for number in self._ranked(text) if self._companies[number].dissolved_on is not None]
        found = [(number, self._found_name(number, text)) for number in ended]
        found = [(number, name) for number, name in found if bool(name) == wants_previous]
        if not found[start : start + size]:
            return Answer(404)
        page = [shapes.dissolved_hit(self._companies[number], name, self._today) for number, name in found][
            start : start + size
        ]
        kinds = {"alphabetical": "alphabetical-dissolved", "best-match": "dissolved"}
        content: dict[str, Any] = {
            "etag": "0" * 40,
            "items": page,
            "kind": f"search#{kinds.get(kind, kind)}",
            "top_hit": page[0],
        }
        return Answer(
            200, content if kind == "alphabetical" else {**content, "hits": min(MOST_RESULTS, len(found))}
        )


def _conditions(query: Mapping[str, str]) -> Iterable[Callable[[Company], bool]]:
    if "company_status" in query:
        yield lambda company: company.status in query["company_status"].split(",")
    if "company_type" in query:
        yield lambda company: company.company_type in query["company_type"].split(",")
    if "sic_codes" in query:
        yield lambda company: bool(set(company.sic_codes) & set(query["sic_codes"].split(",")))
    if "location" in query:
        yield lambda company: bool(
            set(_words(query["location"])) & set(_words(f"{company.address} {company.postcode}"))
        )
    for name, attribute in (("incorporated", "incorporated_on"), ("dissolved", "dissolved_on")):
        first, last = query.get(f"{name}_from"), query.get(f"{name}_to")
        if first is not None or last is not None:
            yield _between(attribute, first, last)


def _between(attribute: str, first: str | None, last: str | None) -> Callable[[Company], bool]:
    start = date.fromisoformat(first) if first is not None else date.min
    end = date.fromisoformat(last) if last is not None else date.max - timedelta(1)
    return lambda company: (
        getattr(company, attribute) is not None and start <= getattr(company, attribute) <= end
    )


def _words(text: str) -> list[str]:
    return [word.upper() for word in _WORD.findall(text)]


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.lstrip("-").isdigit() else default
