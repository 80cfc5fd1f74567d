"""A real JupyterLab on this machine, and a notebook in it, driven by Playwright."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import TimeoutError as Waited

CELL = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
DEBUGGER = "@jupyterlab/debugger-extension"
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}

KERNEL_READY = (
    "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
)
# Whether the kernel has answered all that JupyterLab itself has asked of it: a question cut off by a restart or by the end
# is an error on the page.
ALL_ANSWERED = """() => {
  const asked = window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?._futures ?? new Map();
  return [...asked.values()].every((future) => future.msg.header.msg_type === 'execute_request');
}"""
RUN_ALL = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready; await panel.sessionContext.ready;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
# Evaluate an expression in the kernel; with `wanted`, again and again until it has that value, also where it fails at first.
ASK_KERNEL = """async ([expression, wanted]) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const code = `print(__import__("json").dumps(${expression}))`, end = performance.now() + 20000;
  for (;;) {
    let [out, wrong] = ['', ''];
    const asked = kernel.requestExecute({code, store_history: false});
    asked.onIOPub = m => {
      if (m.header.msg_type === 'stream') out += m.content.text;
    };
    const reply = await asked.done;
    if (reply.content.status !== 'ok') wrong = `${reply.content.ename}: ${reply.content.evalue}`;
    if (wrong && wanted === undefined) throw new Error(wrong);
    const value = wrong ? undefined : JSON.parse(out);
    if (wanted === undefined || (!wrong && JSON.stringify(value) === JSON.stringify(wanted))) return value;
    if (performance.now() > end) throw new Error(`the kernel's ${expression} is ${wrong || out}, not ${JSON.stringify(wanted)}`);
    await new Promise(requestAnimationFrame);
  }
}"""
TELL_KERNEL = """async (code) => {
  const asked = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code, store_history: false});
  const reply = await asked.done;
  if (reply.content.status !== 'ok') throw new Error(reply.content.evalue);
}"""
# anywidget complains of a model that takes more than two seconds to begin, which on a busy machine it may, and shows it
# all the same. What is not shown at all, the tests wait for in vain.
SLOW = "[anywidget] Failed to initialize model."
BOKEH = "Symbol.for('payseg_widgets.bokehjs')"


COMMAND = (sys.executable, "-m", "jupyterlab", "--no-browser")


@contextmanager
def jupyterlab(folder: Path, command: tuple[str, ...] = COMMAND):
    """Serve JupyterLab, by this command, from a folder of its own until the block ends; gives the address.

    Notebook and Voila, where they are installed, are served too, as ``notebooks/...`` and ``voila/render/...``.
    """
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    pages = folder / "config" / "labconfig"
    pages.mkdir(parents=True)
    # its questions to a kernel that restarts or goes are cancelled, which it reports as an error
    (pages / "page_config.json").write_text(json.dumps({"disabledExtensions": {DEBUGGER: True}}))
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    server = {"ip": "127.0.0.1", "port": 0, "root_dir": str(notebooks), "password": "", "allow_root": True}
    quiet = {"news_url": None, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"}
    exposed = {"expose_app_in_browser": True}
    configs = {
        "jupyter_server_config": {"ServerApp": server, "IdentityProvider": {"token": ""}},
        "jupyter_lab_config": {"LabApp": {**quiet, **exposed, "extension_manager": "readonly"}},
        "jupyter_notebook_config": {"JupyterNotebookApp": exposed},
    }
    for name, config in configs.items():
        (folder / "config" / f"{name}.json").write_text(json.dumps(config))
    environment = {**os.environ, **{name: str(folder / place) for name, place in places.items()}}
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    log = folder / "server.log"
    with log.open("w") as out:
        serving = subprocess.Popen(command, env=environment, cwd=notebooks, stdout=out, stderr=out)
        try:
            yield _address(serving, folder / "runtime", log)
        finally:
            serving.terminate()
            serving.wait(60)


def _address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()[-2000:]
        for told in runtime.glob("jpserver-*.json"):
            try:
                url = json.loads(told.read_text())["url"]
                urllib.request.urlopen(f"{url}api/status", timeout=5).close()
                return url.rstrip("/")
            except (URLError, json.JSONDecodeError):
                pass  # still starting
        time.sleep(0.05)
    raise AssertionError(log.read_text()[-2000:])


class Notebook:
    """A notebook of the given code cells, or one that is there, open in JupyterLab.

    Everything amiss is kept in ``problems``. ``app`` says at which address notebooks are opened.
    """

    app = "lab/tree"

    def __init__(self, browser, address: str, folder: Path, name: str, cells: tuple[str, ...] = ()) -> None:
        if cells:
            code = [{**CELL, "id": f"cell-{i}", "source": source} for i, source in enumerate(cells)]
            document = {"cells": code, "metadata": PYTHON, "nbformat": 4, "nbformat_minor": 5}
            (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(document))
        self.address, self.name, self.problems = address, name, []
        self.context = browser.new_context(viewport={"width": 1280, "height": 1100}, reduced_motion="reduce")
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self._amiss(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self._amiss(str(error)))
        self.page.on("request", self._local)
        self.is_dark = False
        self.load()

    def _amiss(self, text: str) -> None:
        if SLOW not in text:
            self.problems.append(text)

    def _local(self, request) -> None:
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.problems.append(f"a request off the machine: {request.url}")

    def load(self) -> None:
        """Open, or reload, the notebook and wait for its kernel."""
        self.page.goto(f"{self.address}/{self.app}/{self.name}.ipynb?reset", wait_until="domcontentloaded")
        try:
            self.page.wait_for_function(KERNEL_READY, timeout=90_000)
        except Waited as error:
            said = self.page.locator(".jp-Dialog, .jp-Toolbar-kernelName").all_inner_texts()
            raise AssertionError(f"no kernel: {said}, {self.problems}") from error

    def run(self) -> None:
        """Run all cells to their end."""
        self.page.evaluate(RUN_ALL)

    def kernel(self, expression: str):
        """Return the value of a Python expression in the kernel."""
        return self.page.evaluate(ASK_KERNEL, [expression])

    def kernel_says(self, expression: str, wanted) -> None:
        """Wait until a Python expression in the kernel has a value."""
        self.page.evaluate(ASK_KERNEL, [expression, wanted])

    def tell(self, code: str) -> None:
        """Execute code in the kernel, outside any cell."""
        self.page.evaluate(TELL_KERNEL, code)

    def bokeh(self, expression: str):
        """Return a JavaScript expression over ``Bokeh``, the one the panes of the page share."""
        return self.page.evaluate(f"async () => {{ {self._shelf()} return {expression}; }}")

    def page_says(self, expression: str) -> None:
        """Wait until a JavaScript expression over ``Bokeh`` is true."""
        self.page.evaluate(f"""async () => {{
            {self._shelf()}
            const end = performance.now() + 20000;
            while (!({expression})) {{
              if (performance.now() > end) throw new Error("never true: " + {json.dumps(expression)});
              await new Promise(requestAnimationFrame);
            }}
        }}""")

    @staticmethod
    def _shelf() -> str:
        return f"const {{page: {{Bokeh}}}} = globalThis[{BOKEH}].values().next().value;"

    def panes(self, n: int = 1) -> None:
        """Wait until n panes are drawn, their toolbars and canvases included."""
        try:
            self.page.wait_for_function(
                "n => document.querySelectorAll('[data-pane=drawn]').length >= n", arg=n, timeout=30_000
            )
            self.page_says(
                f"Bokeh.index.roots.length >= {n} && Bokeh.index.roots.every(v => v.has_finished())"
            )
        except Waited as error:
            said = self.page.locator(".payseg-note").all_inner_texts()
            raise AssertionError(f"not drawn: {said}, {self.problems}") from error

    def drag(self, figure: int = 0, start=(0.25, 0.2), end=(0.95, 0.85)) -> None:
        """Drag with the mouse over a figure; places as shares of its width and height."""
        frame = self.page.locator("[data-pane=drawn] .bk-Figure").nth(figure)
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        x, y = (
            [box[a] + share[i] * box[b] for share in (start, end)]
            for i, (a, b) in enumerate((("x", "width"), ("y", "height")))
        )
        mouse = self.page.mouse
        mouse.move(x[0], y[0])
        mouse.down()
        mouse.move((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, steps=5)
        mouse.move(x[1], y[1], steps=5)
        mouse.up()

    def restart(self) -> None:
        """Restart the kernel and wait until it is there again; the panes say that theirs has gone."""
        self.page.wait_for_function(ALL_ANSWERED)
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.page.get_by_text("The kernel has gone").first.wait_for()
        self.page.wait_for_function(KERNEL_READY, timeout=90_000)
        self.page.wait_for_function(ALL_ANSWERED)

    def theme(self, *, dark: bool) -> None:
        """Switch JupyterLab's theme and wait until the page has it."""
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light && !document.getElementById('jupyterlab-splash')",
            arg="false" if dark else "true",
        )
        self.is_dark = dark

    def close(self) -> None:
        """Leave no kernel and no dark theme behind; complain of red blocks on the page."""
        if self.is_dark:
            self.theme(dark=False)
        red = self.page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
        self.problems += [f"stderr: {text}" for text in red.all_inner_texts()]
        self.page.wait_for_function(ALL_ANSWERED)
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.context.close()


class Notebook7(Notebook):
    """The same in Jupyter Notebook 7."""

    app = "notebooks"


class VoilaPage(Notebook):
    """The same as a page of Voila, which runs all cells by itself and shows no code."""

    app = "voila/render"

    def load(self) -> None:
        """Open the page, which is complete when its cells have run."""
        where = f"{self.address}/{self.app}/{self.name}.ipynb"
        self.page.goto(where, wait_until="domcontentloaded", timeout=120_000)

    def close(self) -> None:
        """Leave the page, and with it the kernel."""
        self.context.close()
