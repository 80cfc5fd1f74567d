"""`Segmenter`: runs in a thread, newest first, on the loop or without one; errors and cancelling."""

from __future__ import annotations

import asyncio
import threading

import pytest
import traitlets

from payseg_widgets import (
    Cancelled,
    FeatureError,
    FeatureSelector,
    SegmentationError,
    Segmenter,
    UnknownNameError,
    segment,
)
from payseg_widgets.segmentation.progress import STAGES
from payseg_widgets.widgets import errands
from payseg_widgets.widgets import segmenter as module
from tests.feature_tables import table_of
from tests.widgets.test_feature_selector import told

NAMES = ("mean_days_late", "on_time_ratio")
OTHERS = ("payment_consistency", "overdue_ratio")


@pytest.fixture
def made(study):
    return study.segmentation


class Gate:
    """Stands in for ``segment``: holds each run until it is let go, and looks at the cancel signal as it would."""

    def __init__(self, result):
        self.result, self.asked = result, []
        self.started, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.threads = set()

    def __call__(self, table, model, n_segments, *, names, progress, cancel, **options):
        self.asked.append((model, n_segments, names))
        self.threads.add(threading.get_ident())
        for i, stage in enumerate(STAGES):
            if cancel.is_set():
                raise Cancelled("stopped")
            progress(stage, i, len(STAGES))
            if stage == "choose":
                self.started.release()
                assert self.go.acquire(timeout=20)
        if isinstance(self.result, Exception):
            raise self.result
        progress("describe", 6, 6)
        return self.result


@pytest.fixture
def gate(monkeypatch, made):
    gate = Gate(made)
    monkeypatch.setattr(module, "segment", gate)
    yield gate
    gate.go.release(100)  # no thread is left behind


def test_the_result_is_that_of_the_core_and_progress_goes_forward(study):
    segmenter = Segmenter(study.features, compare=False, segmentation=study.segmentation, features=NAMES)
    seen = []
    segmenter.observe(lambda change: seen.append(change.new), "progress")
    segmenter.n_segments = 3
    got = segmenter.wait(60)
    assert segmenter.segmentation is got
    assert got.labels_.equals(segment(study.features, "kmeans", 3, names=NAMES, compare=False).labels_)
    assert seen == [0, *sorted(seen[1:])]
    assert (seen[-1], segmenter.state) == (1, "idle")
    assert segmenter.message.startswith("3 segments of 150 customers")


def test_a_new_segmenter_runs_at_once_and_one_with_a_segmentation_waits(study, gate, made):
    running = Segmenter(study.features)
    assert (running.state, running.segmentation) == ("running", None)
    gate.go.release()
    assert running.wait(20) is made
    assert Segmenter(study.features, segmentation=made).state == "idle"
    assert len(gate.asked) == 1


def test_the_newest_request_wins(study, gate, made):
    segmenter = Segmenter(study.features, features=NAMES)
    delivered = []
    segmenter.observe(lambda change: delivered.append(change.new), "segmentation")
    assert gate.started.acquire(timeout=20)
    segmenter.features = OTHERS
    segmenter.model = "hierarchical"
    gate.go.release(3)
    assert segmenter.wait(20) is made
    assert gate.asked[-1] == ("hierarchical", None, OTHERS)
    assert delivered == [made]


def test_a_link_from_a_selector_runs_the_segmentation_again(study, gate, made):
    selector = FeatureSelector(study.features, features=NAMES)
    segmenter = Segmenter(study.features, segmentation=made, features=NAMES)
    traitlets.link((selector, "features"), (segmenter, "features"))
    assert segmenter.state == "idle"  # nothing has changed yet
    places = [list(study.features.frame).index(name) for name in OTHERS]
    told(selector, features=places)
    assert segmenter.state == "running"
    gate.go.release()
    segmenter.wait(20)
    assert gate.asked == [("kmeans", None, OTHERS)]


def test_cancel_keeps_the_segmentation_of_before_and_nothing_comes_later(study, gate, made):
    segmenter = Segmenter(study.features, segmentation=made)
    gate.result = object()  # would be refused, were it delivered
    segmenter.start()
    assert gate.started.acquire(timeout=20)
    segmenter._handle_msg(
        {"content": {"data": {"method": "custom", "content": {"kind": "cancel"}}}, "buffers": []}
    )
    assert segmenter.state == "cancelled"
    with pytest.raises(Cancelled, match="stay") as stopped:
        segmenter.wait(20)
    assert stopped.value.finished is made
    gate.go.release()
    with errands.ONE_AT_A_TIME:
        pass  # the stopped run has ended
    assert (segmenter.state, segmenter.segmentation) == ("cancelled", made)


def test_an_error_is_shown_kept_and_raised_by_wait(study, gate):
    gate.result = ZeroDivisionError("by hand")
    segmenter = Segmenter(study.features)
    gate.go.release()
    with pytest.raises(ZeroDivisionError, match="by hand"):
        segmenter.wait(20)
    assert (segmenter.state, segmenter.message) == ("failed", "ZeroDivisionError: by hand")


@pytest.mark.parametrize("columns", [{"a": []}, {"a": [1.0]}, {"a": [2.0] * 30}, {"a": [float("nan")] * 30}])
def test_a_table_that_cannot_be_segmented_fails_with_the_core_s_sentence(columns):
    segmenter = Segmenter(table_of(columns))
    with pytest.raises(SegmentationError) as raised:
        segmenter.wait(20)
    assert segmenter.message == str(raised.value)


def test_waiting_ends_with_the_timeout_while_the_run_goes_on(study, gate, made):
    segmenter = Segmenter(study.features)
    with pytest.raises(TimeoutError, match="still running"):
        segmenter.wait(0.05)
    gate.go.release()
    assert segmenter.wait(20) is made


def test_on_a_loop_everything_is_delivered_by_the_loop_s_thread(study, gate, made):
    threads = set()

    async def session():
        segmenter = Segmenter(study.features)
        done = asyncio.Event()
        segmenter.observe(
            lambda change: threads.add(threading.get_ident()), ["segmentation", "state", "message"]
        )
        segmenter.observe(lambda change: done.set(), "segmentation")
        gate.go.release()
        await asyncio.wait_for(done.wait(), 20)
        return segmenter

    segmenter = asyncio.run(session())
    assert segmenter.segmentation is made
    assert threads == {threading.get_ident()}
    assert threads.isdisjoint(gate.threads)


def test_on_a_loop_wait_takes_what_the_loop_could_not_deliver(study, gate, made):
    async def session():
        segmenter = Segmenter(study.features)
        gate.go.release()
        return segmenter.wait(20)  # holds up the loop, as a cell does

    assert asyncio.run(session()) is made


def test_a_result_for_a_loop_that_was_closed_is_delivered_all_the_same(study, gate, made):
    async def session():
        return Segmenter(study.features)

    segmenter = asyncio.run(session())
    gate.go.release()
    assert segmenter.wait(20) is made


def test_a_listener_that_starts_another_run_is_not_overruled(study, gate, made):
    segmenter = Segmenter(study.features, segmentation=made)
    segmenter.set_trait("segmentation", None)
    segmenter.observe(lambda change: setattr(segmenter, "n_segments", 4), "segmentation")
    segmenter.start()
    gate.go.release(2)
    segmenter.wait(20)
    assert [asked[1] for asked in gate.asked] == [None, 4]


@pytest.mark.parametrize(
    ("trait", "value", "error"),
    [
        ("model", "kmean", UnknownNameError), ("n_segments", 1, SegmentationError), ("n_segments", True, SegmentationError),
        ("n_segments", "3", SegmentationError), ("features", ["nobody"], UnknownNameError),
    ],
)  # fmt: skip
def test_wrong_values_explain_themselves_and_change_nothing(study, gate, made, trait, value, error):
    segmenter = Segmenter(study.features, segmentation=made)
    before = getattr(segmenter, trait)
    with pytest.raises(error):
        setattr(segmenter, trait, value)
    assert getattr(segmenter, trait) == before
    assert (segmenter.state, gate.asked) == ("idle", [])


def test_the_page_sets_model_and_number_and_a_wrong_one_is_put_right(study, gate, made, loud_callbacks):
    segmenter = Segmenter(study.features, segmentation=made)
    told(segmenter, model="hierarchical", n_segments=5)
    assert (segmenter.model, segmenter.n_segments, segmenter.state) == ("hierarchical", 5, "running")
    told(segmenter, model="nobody")
    assert isinstance(loud_callbacks.pop(), UnknownNameError)
    assert segmenter.model == "hierarchical"


def test_results_are_read_only_and_the_table_is_checked(study, made):
    segmenter = Segmenter(study.features, segmentation=made)
    for name in ("segmentation", "progress", "state", "message"):
        with pytest.raises(traitlets.TraitError, match="read-only"):
            setattr(segmenter, name, getattr(segmenter, name))
    with pytest.raises(FeatureError, match="not from a dict"):
        Segmenter({})


def test_it_says_itself_in_a_line_and_a_table(study, made):
    segmenter = Segmenter(study.features, segmentation=made)
    assert (
        repr(segmenter)
        == f"Segmenter(kmeans, features={len(made.features)}, segments={made.n_segments}, idle)"
    )
    html = segmenter._repr_mimebundle_()[0]["text/html"]
    assert html.count("<tr") == 1 + len(made.cards)


def test_a_model_that_needs_categories_is_shown_but_not_offered(study):
    ledger_categories = study.ledger.customers.set_index("customer_id")[["region", "sector"]]
    chosen = {"names": list(NAMES), "compare": False}
    shown = segment(study.features, "gower_kmedoids", 2, categories=ledger_categories, **chosen)
    widget = Segmenter(study.features, segmentation=shown)
    assert widget.segmentation is shown
    assert (
        "Made with categories by K-medoids (Gower); a change here goes by the features alone."
        in widget.message
    )
    offered = [name for name, _label in widget._models]
    assert "gower_kmedoids" not in offered
    assert {"kmeans", "kmedoids"} <= set(offered)
    with pytest.raises(SegmentationError, match="needs categorical columns, which this widget has not"):
        widget.model = "gower_kmedoids"
    assert widget.model == "kmeans"
    widget.close()
