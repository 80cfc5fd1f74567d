"""Time the strategy board on a small and on a large portfolio, as a viewer's kernel of ``payseg board`` has it.

``uv run python benchmarks/board.py`` rewrites its section of docs/benchmarks.md. A process of its own simulates the ledger,
studies it and writes the study down; another reads it, shows the board and does what a user can do, each for the first time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from memory import peak_gb
from sections import machine, write_section

SIZES = (400, 28_000)
#: Seconds and megabytes that are to be kept at every size.
READY, CLICK, SCENARIO, STOP, STATE_MB = 10, 1, 15, 0.25, 2
KINDS = ("top_delay", "group_delay", "terms_change", "group_default", "early_discount")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="customers, about 36 invoices each"
    )
    parser.add_argument("--no-report", action="store_true", help="print only")
    parser.add_argument("--step", choices=("study", "board"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "study":
        print(json.dumps(studied(options.sizes[0], options.folder)))
        return
    if options.step == "board":
        print(json.dumps(used(options.folder)))
        return
    found = [measured(n) for n in options.sizes]
    text = section(found)
    print(text)
    if not options.no_report:
        write_section("board", text)


def measured(n: int) -> dict[str, Any]:
    """Study so many customers and use the board, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="payseg-benchmark-") as scratch:
        steps = (
            ("study", "--sizes", str(n), "--folder", scratch),
            ("board", "--folder", scratch),
        )
        told: dict[str, Any] = {}
        for step in steps:
            command = [sys.executable, __file__, "--step", *step]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told |= json.loads(done.stdout.splitlines()[-1])
    return told


def studied(n: int, folder: Path) -> dict[str, Any]:
    """Simulate a ledger, study it, and write it down as ``payseg board`` does."""
    from payseg_widgets import run_study, simulate_ledger
    from payseg_widgets.board import write_board

    ledger = simulate_ledger(n, seed=1, world="realistic").ledger
    spent, study = timed(lambda: run_study(ledger, compare=False))
    written, _ = timed(lambda: write_board(study, folder))
    return {
        "customers": n, "invoices": len(ledger.invoices), "open": int((study.invoices.outstanding > 0).sum()),
        "study": spent, "written": written, "study_gb": peak_gb(),
    }  # fmt: skip


def used(folder: Path) -> dict[str, Any]:
    """Read the study, show the board, and do what a user can do."""
    from payseg_widgets import StrategyBoard, default_policy
    from payseg_widgets.board import written_study

    read, study = timed(lambda: written_study(folder))
    told: dict[str, Any] = {"read": read}
    made, board = timed(lambda: StrategyBoard(study))
    waited, _ = timed(lambda: board.wait(600))
    told |= {"made": made, "ready": read + made + waited}
    policy = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    sooner = policy.to_yaml().replace("loss_days: 180", "loss_days: 90")
    clicks: dict[str, Callable[[], object]] = {
        "a policy, the first": lambda: applied(board, policy.to_yaml()),
        "a policy that gives up sooner": lambda: applied(board, sooner),
        "back to the default policy": lambda: applied(board, None),
        "30 calls a day": lambda: chosen(board, calls_a_day=30),
        "1,000 calls a day for 20 days": lambda: chosen(board, calls_a_day=1_000, call_days=20),
        "picking who is called": lambda: chosen(board, customer=str(board.worklist.calls["customer_id"].iloc[2])),
        "the worklist as a file": lambda: board._worklist_csv(board.worklist),
    }  # fmt: skip
    told["clicks"] = {name: timed(click)[0] for name, click in clicks.items()}
    for name, called in board.table._pictures:
        told["clicks"][f"picture: {called}"] = timed(lambda name=name: chosen(board, picture=name))[0]
    told["clicks"]["the trend of another figure"] = timed(
        lambda: chosen(board, figure="dso_countback", picture="trend")
    )[0]
    told |= state_bytes(board)
    told["scenarios"] = {kind: scenario_of(board, kind) for kind in KINDS}
    told["stopped"], told["busy"] = stopped(board)
    return {**told, "board_gb": peak_gb()}


def applied(board: Any, text: str | None) -> None:
    """Put a policy in force as the page does, and wait for who moves."""
    message = {"kind": "default"} if text is None else {"kind": "apply", "text": text}
    board.table._heard(board.table, message, [])
    board.wait(600)


def chosen(board: Any, **choices: Any) -> None:
    for name, value in choices.items():
        setattr(board, name, value)
    board.wait(600)


class Looks:
    """Asked whether to stop; keeps the longest time between two questions."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()

    def is_set(self) -> bool:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now
        return False


def scenario_of(board: Any, kind: str) -> tuple[float, float]:
    """Return the seconds a scenario of the board takes, and the longest time in which it does not look whether to stop."""
    days = 31  # not that of the key figures
    seconds, _ = timed(lambda: chosen(board, kind=kind, grouping="region", days=days))
    looks = Looks()
    board.table.assumption.laid_on(board.study.outlook.forecast, board.table.groupings, cancel=looks)
    return seconds, looks.longest


def stopped(board: Any) -> tuple[float, float]:
    """Return the seconds from Cancel to the end of the longest scenario, and those of a picture meanwhile; NaN if it is over."""
    board.by_day = 12
    time.sleep(1.0)
    board.picture = "actions"
    busy, _ = timed(lambda: setattr(board, "picture", "ageing"))
    if board.table.state != "running":
        return float("nan"), float("nan")
    board.table._heard(board.table, {"kind": "cancel"}, [])
    seconds, _ = timed(lambda: board.wait(600))
    assert board.table.state == "cancelled"
    return seconds, busy


def state_bytes(board: Any) -> dict[str, int]:
    """Return the bytes of all that the page is sent to begin with, and those of them that are code."""
    from ipywidgets.widgets.widget import _remove_buffers

    whole = code = 0
    waiting = [board]
    while waiting:
        widget = waiting.pop()
        waiting += getattr(widget, "children", ())
        state, _, buffers = _remove_buffers(widget.get_state())
        whole += len(json.dumps(state)) + sum(memoryview(one).nbytes for one in buffers)
        code += sum(len(state.get(name, "")) for name in ("_esm", "_css"))
    return {"state": whole, "code": code}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


Of = Callable[[dict[str, Any]], float]


def section(found: list[dict[str, Any]]) -> str:
    """Return the section of docs/benchmarks.md."""

    def row(name: str, of: Of, form: str, most: float | None = None) -> str:
        unit = form.partition("}")[2]
        kept = all(not of(one) > most for one in found) if most is not None else None
        goal = "" if kept is None else f"{most:g}{unit}: {'met' if kept else 'missed'}"
        cells = ["over before" if of(one) != of(one) else form.format(of(one)) for one in found]
        return f"| {name} | {' | '.join(cells)} | {goal} |"

    clicks = [
        row(name, lambda one, name=name: one["clicks"][name], "{:.2f} s", CLICK)
        for name in found[0]["clicks"]
    ]
    scenarios = [
        row(f"scenario {kind}", lambda one, kind=kind: one["scenarios"][kind][0], "{:.1f} s", SCENARIO)
        for kind in KINDS
    ]
    lines = [
        "## The strategy board",
        "",
        f"`uv run python benchmarks/board.py`, {date.today()}; {machine()}. Realistic ledgers, simulated with seed 1; each",
        "click is the first of its kind in a kernel that has just read the study, until all that follows is told to the page.",
        "",
        f"| what | {' | '.join(format(one['customers'], ',') + ' customers' for one in found)} | goal |",
        "|---" * (len(found) + 2) + "|",
        row("invoices", lambda one: one["invoices"], "{:,}"),
        row("open invoices", lambda one: one["open"], "{:,}"),
        row("the study before", lambda one: one["study"], "{:.0f} s"),
        row("written down for viewers", lambda one: one["written"], "{:.1f} s"),
        row("read by a viewer's kernel", lambda one: one["read"], "{:.1f} s"),
        row("**read, made and all computed**", lambda one: one["ready"], "{:.1f} s", READY),
        row("**state sent to the page**", lambda one: one["state"] / 1e6, "{:.2f} MB", STATE_MB),
        row("of it code", lambda one: one["code"] / 1e6, "{:.2f} MB"),
        *clicks,
        row("a picture while a scenario is under way", lambda one: one["busy"], "{:.2f} s", CLICK),
        *scenarios,
        row("longest time without asking whether to stop", longest, "{:.2f} s", STOP),
        row("from Cancel to stopped", lambda one: one["stopped"], "{:.2f} s", STOP),
        row("peak memory of the study", lambda one: one["study_gb"], "{:.1f} GB"),
        row("peak memory of a viewer's kernel", lambda one: one["board_gb"], "{:.1f} GB"),
    ]
    return "\n".join(lines)


def longest(one: dict[str, Any]) -> float:
    return max(unasked for _, unasked in one["scenarios"].values())


if __name__ == "__main__":
    main()
