"""Work in the background: it always comes back, and the next may begin the moment that it does."""

import ast
import threading
from pathlib import Path

import pytest
from landsketch.ui.work import Work, end_all
from patience import waiting
from qgis.PyQt.QtCore import QObject, QPointF

UI = Path(__file__).resolve().parents[2] / "ui"
ROUNDS = 200
LITTER = 6
"""Small objects deleted in the background: their memory is what the next task is made of, as in real work."""

wait = waiting(5.0)


class Told(Work):
    """Does what it is given, and notes where and how it ended."""

    def __init__(self, does):
        super().__init__()
        self.does = does
        self.ended = []

    def run(self):
        self.does(self)
        return True

    def finished(self, succeeded):
        self.ended.append((succeeded, threading.current_thread()))


def until_cancelled(work):
    while not work.isCanceled():
        pass


def litter():
    return [QPointF(1, 1) for _ in range(LITTER)]


def test_work_is_done_in_the_background_and_told_in_the_main_thread(qgis_app):
    threads = []
    work = Told(lambda work: threads.append(threading.current_thread()))
    work.start()
    wait(lambda: work.ended)
    assert work.ended == [(True, threading.main_thread())]
    assert threads[0] is not threading.main_thread() and not threads[0].is_alive()
    assert work not in Work.running


def test_cancelled_work_tells_that_it_has_ended(qgis_app):
    work = Told(until_cancelled)
    work.start()
    assert work in Work.running and not work.ended
    work.cancel()
    wait(lambda: work.ended)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_fails_tells_so_as_well(qgis_app):
    work = Told(lambda work: 1 / 0)
    work.start()
    wait(lambda: work.ended)
    assert work.ended == [(False, threading.main_thread())]


def test_closing_qgis_ends_what_still_runs(qgis_app):
    work = Told(until_cancelled)
    work.start()
    end_all()
    assert not work._thread.is_alive()
    wait(lambda: not Work.running)


def test_only_what_goes_on_without_its_window_is_in_qgis_list_of_tasks():
    """QGIS's task manager may lose a task that is added as another one ends."""
    adding = set()
    for path in UI.rglob("*.py"):
        names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        if "addTask" in names:
            adding.add(path.relative_to(UI).as_posix())
    assert adding == {"checkpoints/work.py"}


def three_in_a_row(sketcher, wish):
    sketched = []

    def again(result):
        sketched.append(result)
        if len(sketched) < 3:
            sketcher._next = wish  # somebody has asked for it meanwhile

    sketcher.sketched.connect(again)
    sketcher.ask(wish)
    wait(lambda: not sketcher.busy, pause=0.0005)
    assert len(sketched) == 3


def test_no_sketch_is_lost_that_follows_at_once_upon_another(project, monkeypatch, tmp_path):
    from landsketch.bridge import client
    from landsketch.core.specs import ExtentSpec, SourceSpec, VectorSpec
    from landsketch.ui.dock.sketch_task import Request, Wish
    from landsketch.ui.dock.sketching import Sketcher

    class Labels:
        def __init__(self):
            self.litter = litter()

        def export(self, feedback):
            self.litter.clear()
            return VectorSpec(path=str(tmp_path / "labels" / "features.gpkg"))

    class Engine:
        def run(self, spec, feedback):
            return {"preview": ""}

    def request():
        extent = ExtentSpec((0, 0, 1, 1), "EPSG:32632")
        return Request((SourceSpec("optical", "image.tif"),), Labels(), "", extent, "cpu", "", 0)

    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path))
    monkeypatch.setattr(client, "engine", Engine)
    for _ in range(ROUNDS):
        three_in_a_row(Sketcher(request), Wish())


def test_no_reading_is_lost_that_follows_at_once_upon_another(project, monkeypatch):
    from landsketch.ui.checkpoints import reading
    from landsketch.ui.checkpoints.shelf_watch import ShelfWatch

    monkeypatch.setattr(reading, "project_rasters", litter)
    monkeypatch.setattr(reading, "uses", lambda entries, layers, cancelled: layers.clear() or {})
    owner, read = QObject(), []
    watch = ShelfWatch(owner)

    def again(shelf):
        read.append(shelf)
        if len(read) < ROUNDS:
            watch.refresh()

    watch.read.connect(again)
    watch.refresh()
    wait(lambda: len(read) == ROUNDS and not watch.busy, 30)
    watch.end()
