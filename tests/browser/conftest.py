"""A real browser: Chromium from PAYSEG_CHROMIUM, the PATH or Playwright's own."""

from __future__ import annotations

import os
import shutil
from itertools import count

import pytest

from tests.browser.jupyterlab import Notebook, jupyterlab

HOW = "no Chromium found; install it (Debian: apt-get install chromium) or set PAYSEG_CHROMIUM to its path"
QUIET = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import Error, sync_playwright

    path = (
        os.environ.get("PAYSEG_CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=path, args=QUIET)
        except Error as error:
            if path or os.environ.get("CI"):
                raise
            pytest.skip(f"{HOW} ({str(error).splitlines()[0]})")
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory):
    """Address and folder of a JupyterLab; one server for the session."""
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder) as address:
        yield address, folder


@pytest.fixture(scope="session")
def lab(browser, lab_server):
    """A function that opens a notebook of the given cells in JupyterLab."""
    address, folder = lab_server
    opened = count()
    return lambda *cells: Notebook(browser, address, folder, f"notebook{next(opened)}", cells)


@pytest.fixture
def notebook(lab):
    """Open and run a notebook; at the end nothing may be amiss on its page."""
    books = []

    def opened(*cells: str) -> Notebook:
        books.append(lab(*cells))
        books[-1].run()
        return books[-1]

    yield opened
    for book in books:
        book.close()
        assert book.problems == []
