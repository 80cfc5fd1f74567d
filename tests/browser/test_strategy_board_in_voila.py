"""`payseg board` from the command to the page: refused without its token, used by mouse and keyboard, no code run."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from payseg_widgets.ledger.export import write_export
from tests import forecasts
from tests.browser.test_feature_selector_in_lab import violations

ADDRESS = re.compile(r"The board is at (http://127\.0\.0\.1:\d+/)\?token=(\S+)")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def served(folder: Path):
    """Run the command on the files of a small ledger; gives the address and the token."""
    files = map(str, write_export(forecasts.ledger(), folder / "ledger"))
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {
        **os.environ,
        **{name: str(folder / name) for name in places},
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    command = (sys.executable, "-m", "payseg_widgets.cli", "board", *files, "--no-browser", "--quiet")
    log = folder / "board.log"
    with log.open("w") as out:
        serving = subprocess.Popen(
            (*command, "--port", str(free_port())), env=environment, cwd=folder, stdout=out, stderr=out
        )
        try:
            end = time.monotonic() + 240
            while not (told := ADDRESS.search(log.read_text())):
                assert serving.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < end, log.read_text()[-2000:]
                time.sleep(0.1)
            yield SimpleNamespace(address=told[1], token=told[2], log=log)
        finally:
            serving.terminate()
            serving.wait(60)


def asked(url: str) -> tuple[int, str]:
    """Return the status of an answer and where it leads; no redirection is followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_given):
            return None

    try:
        with urllib.request.build_opener(Stay).open(url, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get("Location", "")


EXECUTE = """async ([code]) => {
  const channel = performance.getEntriesByType('resource').map(one => one.name).find(name => name.includes('/api/kernels/'));
  const config = JSON.parse(document.getElementById('jupyter-config-data').textContent);
  const kernel = config.kernelId, session = 'intruder';
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/kernels/${kernel}/channels?session_id=${session}`);
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  const heard = [];
  socket.onmessage = ({data}) => heard.push(typeof data === 'string' ? JSON.parse(data).header.msg_type : 'binary');
  const header = (type, id) => ({msg_id: id, msg_type: type, username: '', session, date: new Date().toISOString(), version: '5.3'});
  const send = (type, id, content) => socket.send(JSON.stringify({channel: 'shell', header: header(type, id), parent_header: {}, metadata: {}, content}));
  send('execute_request', 'a', {code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false, stop_on_error: true});
  send('kernel_info_request', 'b', {});
  const end = performance.now() + 20000;
  while (!heard.includes('kernel_info_reply') && performance.now() < end) await new Promise(requestAnimationFrame);
  socket.close();
  return heard;
}"""


def test_a_board_is_shown_to_who_has_its_token_and_runs_no_code(browser, tmp_path: Path):
    with served(tmp_path) as board:
        # refused: no token, a wrong one, a kernel, a file beside the page
        for query in ("", "?token=", "?token=0123456789"):
            status, leads = asked(board.address + query)
            assert status == 403 or (status == 302 and leads.startswith("/login")), (query, status, leads)
        kernel = "00000000-0000-0000-0000-000000000000"
        for path in (
            f"api/kernels/{kernel}",
            f"api/kernels/{kernel}/channels",
            "study.pickle",
            "board.ipynb",
        ):
            assert asked(board.address + path)[0] in (302, 403, 404), path
        for path in ("voila/files/study.pickle", "voila/files/board.ipynb"):
            assert asked(f"{board.address}{path}?token={board.token}")[0] in (403, 404)
        context = browser.new_context(viewport={"width": 1280, "height": 1500}, reduced_motion="reduce")
        page, requests, errors = context.new_page(), [], []
        page.on("response", lambda answer: requests.append(answer.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{board.address}?token={board.token}", timeout=120_000)
        used(page, tmp_path)
        assert errors == []
        assert [url for url in requests if not url.startswith((board.address, "data:", "blob:"))] == []
        marker = tmp_path / "executed"
        heard = page.evaluate(EXECUTE, [f"open({str(marker)!r}, 'w').close()"])
        assert "kernel_info_reply" in heard
        assert "execute_reply" not in heard
        assert not marker.exists()
        context.close()
        assert board.token not in board.log.read_text().replace(f"token={board.token}", "", 1)


def used(page, folder: Path) -> None:
    """Use the board by mouse and keyboard, and look at it."""
    page.get_by_role("heading", name="Key figures").wait_for(timeout=120_000)
    text = page.content()
    assert "written_study" not in text  # no source is shown
    assert page.get_by_role("textbox").count() == 0
    assert page.get_by_role("button", name="Apply").is_hidden()
    names = forecasts.ledger().customers["name"].tolist()
    assert [name for name in names if name in page.inner_text("body")] == []
    page.get_by_role("button", name="DSO, classic", exact=True).click()
    page.get_by_text("DSO, classic: From ").wait_for()
    slider = page.get_by_role("slider", name="Days later")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("status").get_by_text("the 10 largest debtors pay 31 days later").wait_for()
    page.get_by_label("Assume").select_option(label="A discount for paying early")
    page.get_by_role("status").get_by_text("take 2.0% for paying within 10 days").wait_for()
    calls = page.get_by_role("table", name="Whom to call from ")
    first = calls.get_by_role("button").first
    first.press("Enter")
    calls.locator("tr[aria-current=true]").wait_for()
    page.get_by_role("button", name="Cash if it holds").click()
    page.wait_for_selector("[data-pane=drawn]")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Download CSV").click()
    assert fetched.value.suggested_filename.startswith("worklist-")
    assert violations(SimpleNamespace(page=page), ".payseg-strategy") == []
    page.screenshot(path=folder / "board.png")
    page.get_by_role("group", name="Pictures").scroll_into_view_if_needed()
    page.screenshot(path=folder / "board-below.png")
