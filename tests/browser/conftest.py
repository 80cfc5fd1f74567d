"""A real browser: Chromium from PAYSEG_CHROMIUM, the PATH or Playwright's own."""

from __future__ import annotations

import os
import shutil

import pytest

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
