"""The documentation is tested like code: its examples run, its commands and links exist."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from payseg_widgets.cli import _parser

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run_and_print_what_the_page_says(page):
    outcome = doctest.testfile(
        str(page), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS
    )
    assert outcome.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_payseg_command_of_the_readme_is_one_the_parser_accepts():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [
        c.partition("#")[0] for c in re.findall(r"^(?:.*&& )?(?:python3 -m uv run )?(payseg .+)$", text, re.M)
    ]
    commands = [c.split("&&")[0] for c in commands]
    assert len(commands) >= 3
    for command in commands:
        _parser().parse_args(shlex.split(command)[1:])


def test_files_named_in_the_docs_exist():
    for page in PAGES:
        for name in re.findall(
            r"`((?:payseg_widgets|tests|benchmarks)/[\w/]+\.py)`", page.read_text(encoding="utf-8")
        ):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
