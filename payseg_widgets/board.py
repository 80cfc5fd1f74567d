"""A strategy board as a page of Voila, for people without Jupyter: read-only, behind a token."""

from __future__ import annotations

import html
import importlib.util
import json
import logging
import os
import pickle
import secrets
import signal
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from payseg_widgets.errors import MissingDependencyError, PaysegError
from payseg_widgets.lab import cell, notebook_of
from payseg_widgets.ledger.pseudonyms import without_names
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.study import Study

#: What kernels of the viewers read; beside it the page.
_STUDY, _PAGE = "study.pickle", "board.ipynb"
#: What a browser is told to open, in a folder of its own.
_OPENING = "open-board.html"
#: Of customers besides their names.
_TELLING = ("company_number", "vat_number", "address", "postcode")
#: Seconds without a word from its viewer, after which a kernel is stopped.
_IDLE_SECONDS = 900
#: The page loads nothing from other machines, and sits in no frame of another page.
_POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' data: blob:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)


def check_voila() -> None:
    """Raise `MissingDependencyError` where Voila, which comes with the extra ``board``, is not installed."""
    missing = [name for name in ("voila", "ipykernel") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"{missing[0]} is not installed. Install it: pip install 'payseg-widgets[board]'."
        )


def write_board(study: Study, folder: Path, *, names: bool = False) -> Path:
    """Write the page of a board, and beside it the study for the kernels that show it.

    Parameters
    ----------
    study : Study
    folder : path
        Of this user alone: what lies in it is run by whoever reads it.
    names : bool
        Whether customers are called by name beside their id. Without, no name is written.

    Returns
    -------
    pathlib.Path
        The page, a notebook.
    """
    features = replace(study.features, measures=())  # functions, which are not written
    kept = replace(study, features=features, ledger=study.ledger if names else _nameless(study.ledger))
    with (folder / _STUDY).open("xb") as file:
        pickle.dump(kept, file, protocol=pickle.HIGHEST_PROTOCOL)
    source = (
        "from payseg_widgets import StrategyBoard\n"
        "from payseg_widgets.board import written_study\n\n"
        f"StrategyBoard(written_study(), editable=False, shows_names={names!r})"
    )
    title = f"### What to do about each customer, {study.ledger.as_of:%Y-%m-%d}"
    page = folder / _PAGE
    notebook = notebook_of([cell("title", "markdown", title), cell("board", "code", source)])
    page.write_text(json.dumps(notebook), encoding="utf-8")
    return page


def _nameless(ledger: Ledger) -> Ledger:
    """Return the ledger without what tells who customers are."""
    bare = without_names(ledger)
    return replace(bare, customers=bare.customers.drop(columns=list(_TELLING), errors="ignore"))


def written_study(folder: Path | None = None) -> Study:
    """Return the study that `write_board` wrote, without the measures of its features.

    Parameters
    ----------
    folder : path, optional
        Where the kernel runs when not given. It must be one that `write_board` wrote to: reading a pickle runs what is in it.
    """
    with ((folder or Path()) / _STUDY).open("rb") as file:
        study: Study = pickle.load(file)  # noqa: S301  written by this command to a folder of its own
    return study


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End what is in the block as Ctrl-C does when the process is told to end or its terminal is closed.

    What the process was told to ignore, as by ``nohup``, it goes on to ignore.
    """
    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    if threading.current_thread() is threading.main_thread():  # others may set no handlers
        before = {one: signal.getsignal(one) for one in wanted if signal.getsignal(one) is signal.SIG_DFL}

    def end(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    for one in before:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def write_opening(folder: Path, address: str) -> Path:
    """Write a page that leads to an address, for this user alone: what a browser is told to open is in lists of processes.

    Parameters
    ----------
    folder : path
        That nothing serves.
    address : str
        With its token.

    Returns
    -------
    pathlib.Path
        The page, which other users cannot read.
    """
    page, to = folder / _OPENING, html.escape(address)
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="refresh" content="0;url={to}"><title>Opening the board</title></head>'
            f'<body><p><a href="{to}">Open the board</a></p></body></html>'
        )
    return page


def serve_board(
    page: Path,
    *,
    host: str,
    port: int,
    browser: bool,
    say: Callable[[str], None] = print,
    token: str | None = None,
) -> None:
    """Serve a page to whoever has the token, until stopped.

    Parameters
    ----------
    page : path
        As `write_board` returns it.
    host : str
        Address to listen at.
    port : int
        The next ones are tried where it is taken.
    browser : bool
        Whether to open the page in a browser, by a file that leads there: the token is in no list of processes.
    say : callable
        Called with what to tell the user: the address with the token.
    token : str, optional
        Drawn at random when not given.

    Raises
    ------
    MissingDependencyError
        Without Voila.
    PaysegError
        If nothing can be served at this address.
    """
    check_voila()
    from traitlets.config import Config
    from voila.app import Voila

    token = token or secrets.token_urlsafe(24)

    class Board(Voila):
        """Voila that tells the address with the token once it listens."""

        def launch_browser(self) -> None:
            name = socket.gethostname() if host in ("", "0.0.0.0", "::") else host  # noqa: S104  compared, not listened at
            address = f"http://{f'[{name}]' if ':' in name else name}:{self.port}/?token={token}"
            say(f"The board is at {address}\nWhoever has this address sees it. Ctrl-C here ends it.")
            if browser:
                webbrowser.open(write_opening(private, address).as_uri())

    options: dict[str, Any] = {
        "Voila": {
            "ip": host, "port": port, "token": token, "open_browser": True, "config_file_paths": [], "log_level": "ERROR",
            "tornado_settings": {"headers": {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}},
        },
        "VoilaConfiguration": {"file_allowlist": [], "strip_sources": True, "show_tracebacks": False},
        "MappingKernelManager": {"cull_idle_timeout": _IDLE_SECONDS, "cull_interval": 60, "cull_connected": False},
    }  # fmt: skip
    logging.getLogger("tornado").setLevel(logging.ERROR)  # its warnings quote addresses, and so the token
    app = Board(config=Config(options))
    app.initialize([str(page)])
    with tempfile.TemporaryDirectory(prefix="payseg-open-") as folder:  # of this user alone, served by nobody
        private = Path(folder)
        try:
            app.start()
        except OSError as error:
            raise PaysegError(
                f"nothing can be served at {host!r}: {error.strerror}. Give another --host."
            ) from error
