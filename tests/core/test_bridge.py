"""The client of the QGIS side against a real engine process with small jobs."""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from landsketch.bridge import client, environment
from landsketch.bridge.client import Engine
from landsketch.core.errors import Cancelled, EngineError, LabelError
from landsketch.core.specs import AssessSpec, JobSpec

SITE = Path(__file__).resolve().parents[2] / ".dev" / "site"


def fake_command():
    return [sys.executable, str(Path(__file__).with_name("fake_engine.py")), str(SITE), "worker"]


@dataclass(frozen=True)
class PidSpec(JobSpec):
    job: ClassVar[str] = "pid"


@dataclass(frozen=True)
class SleepSpec(JobSpec):
    job: ClassVar[str] = "sleep"
    seconds: float = 60
    cleaned: str = ""


@dataclass(frozen=True)
class TrainSpec(JobSpec):
    job: ClassVar[str] = "train"


@dataclass(frozen=True)
class StubbornSpec(JobSpec):
    job: ClassVar[str] = "stubborn"


@dataclass(frozen=True)
class FailSpec(JobSpec):
    job: ClassVar[str] = "fail"
    kind: str = ""


@dataclass(frozen=True)
class DieSpec(JobSpec):
    job: ClassVar[str] = "die"
    signal: str = "SIGKILL"


@dataclass
class Listener:
    """A feedback that remembers what it was told."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    told: list = field(default_factory=list)

    def is_cancelled(self):
        return self.cancelled.is_set()

    def progress(self, fraction, message, seconds_left):
        self.told.append(("progress", fraction, message, seconds_left))

    def log(self, message, level):
        self.told.append(("log", message, level))
        if message == "begun":
            self.begun.set()

    def metric(self, values):
        self.told.append(("metric", values))

    def artifact(self, path, kind):
        self.told.append(("artifact", path, kind))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def engine():
    engine = Engine(fake_command)
    yield engine
    engine.close()


class Background(threading.Thread):
    """Runs a job in a thread and keeps how it ended."""

    def __init__(self, engine, spec):
        super().__init__(daemon=True)
        self.listener = Listener()
        self.result = self.error = None
        self._call = lambda: engine.run(spec, self.listener)
        self.start()

    def run(self):
        try:
            self.result = self._call()
        except BaseException as error:
            self.error = error

    def end(self):
        self.join(20)
        assert not self.is_alive()
        return self.error


@dataclass
class Following(Listener):
    """A feedback that follows a training, and has it finish with its first picture."""

    seen: list = field(default_factory=list)

    def wants_finish(self):
        return "picture" in self.seen

    def observe(self, event):
        self.seen.append(event["event"])


def test_a_feedback_that_follows_a_training_sees_its_pictures_and_may_finish_it(engine):
    following = Following()
    assert engine.run(TrainSpec(), following)["kept"]
    assert following.seen == ["metric", "picture"]
    assert following.told == [("metric", {"epoch": 1})]


def test_everything_a_job_tells_reaches_the_feedback(engine):
    listener = Listener()
    engine.run(PidSpec(), listener)
    assert listener.told == [
        ("progress", 0.5, "half", None),
        ("metric", {"loss": 0.25}),
        ("log", "mind this", "warning"),
        ("artifact", "/out/map.tif", "raster"),
    ]


def test_jobs_share_one_warm_process(engine):
    pids = {engine.run(PidSpec(), Listener())["pid"] for _ in range(3)}
    assert len(pids) == 1


def test_a_job_after_another_python_was_chosen_runs_in_a_new_process():
    command = fake_command()
    engine = Engine(lambda: list(command))
    first = engine.run(PidSpec(), Listener())["pid"]
    command.insert(1, "-B")
    second = engine.run(PidSpec(), Listener())["pid"]
    assert second != first
    assert engine.run(PidSpec(), Listener())["pid"] == second
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_failed_job_raises_its_own_error_and_keeps_the_process(engine):
    pid = engine.run(PidSpec(), Listener())["pid"]
    with pytest.raises(LabelError) as caught:
        engine.run(FailSpec("labels"), Listener())
    assert (caught.value.message, caught.value.hint) == ("No feature overlaps.", "Draw some.")
    with pytest.raises(EngineError, match="ValueError"):
        engine.run(FailSpec("bug"), Listener())
    assert engine.run(PidSpec(), Listener())["pid"] == pid


def test_cancel_answers_within_a_second_and_keeps_the_process(engine, tmp_path):
    pid = engine.run(PidSpec(), Listener())["pid"]
    job = Background(engine, SleepSpec(cleaned=str(tmp_path / "cleaned")))
    assert job.listener.begun.wait(20)
    start = time.monotonic()
    job.listener.cancelled.set()
    assert isinstance(job.end(), Cancelled)
    assert time.monotonic() - start < 1
    assert (tmp_path / "cleaned").exists()
    assert engine.run(PidSpec(), Listener())["pid"] == pid


def test_a_job_that_does_not_react_is_ended_after_the_grace_period():
    engine = Engine(fake_command, cancel_grace=0.5)
    job = Background(engine, StubbornSpec())
    assert job.listener.begun.wait(20)
    start = time.monotonic()
    job.listener.cancelled.set()
    assert isinstance(job.end(), Cancelled)
    assert 0.5 < time.monotonic() - start < 2
    assert engine.run(PidSpec(), Listener())["pid"]
    engine.close()


def test_a_killed_engine_is_an_error_and_the_next_job_starts_another(engine):
    pid = engine.run(PidSpec(), Listener())["pid"]
    job = Background(engine, SleepSpec())
    assert job.listener.begun.wait(20)
    os.kill(pid, signal.SIGKILL)
    error = job.end()
    assert isinstance(error, EngineError)
    assert "signal SIGKILL" in error.message
    assert engine.run(PidSpec(), Listener())["pid"] != pid


def test_an_engine_killed_between_jobs_goes_unnoticed(engine):
    pid = engine.run(PidSpec(), Listener())["pid"]
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert engine.run(PidSpec(), Listener())["pid"] != pid


def test_the_error_of_a_dead_engine_has_its_last_words(engine, home):
    with pytest.raises(EngineError) as caught:
        engine.run(DieSpec("SIGABRT"), Listener())
    assert "SIGABRT" in caught.value.message
    assert "I am dying" in caught.value.message
    (log,) = (home / "logs").iterdir()
    assert str(log) in caught.value.hint
    assert "I am dying" in log.read_text()


def test_callers_take_turns(engine):
    first = Background(engine, SleepSpec(seconds=0.6))
    assert first.listener.begun.wait(20)
    second = Background(engine, PidSpec())
    time.sleep(0.2)
    assert second.is_alive()
    assert not second.listener.told
    assert first.end() is None
    assert second.end() is None
    assert second.result["pid"]


def test_a_waiting_caller_can_be_cancelled(engine):
    first = Background(engine, SleepSpec())
    assert first.listener.begun.wait(20)
    second = Background(engine, PidSpec())
    second.listener.cancelled.set()
    assert isinstance(second.end(), Cancelled)
    assert first.is_alive()
    first.listener.cancelled.set()
    assert isinstance(first.end(), Cancelled)


def test_a_feedback_that_fails_ends_its_job(engine):
    class Broken(Listener):
        def log(self, message, level):
            raise RuntimeError("the dialog is gone")

    with pytest.raises(RuntimeError, match="dialog"):
        engine.run(SleepSpec(), Broken())
    assert engine.run(PidSpec(), Listener())["pid"]


def test_close_ends_the_process_and_a_later_job_starts_another(engine):
    pid = engine.run(PidSpec(), Listener())["pid"]
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert engine.run(PidSpec(), Listener())["pid"] != pid


def test_an_engine_that_does_not_start_is_an_error_with_its_words():
    engine = Engine(lambda: [sys.executable, "-c", "import sys; sys.exit('no such module')"])
    with pytest.raises(EngineError, match="exit code 1") as caught:
        engine.run(PidSpec(), Listener())
    assert "no such module" in caught.value.message


def test_an_interpreter_that_is_no_program_is_an_error(tmp_path):
    engine = Engine(lambda: [str(tmp_path / "python")])
    with pytest.raises(EngineError, match="could not be started"):
        engine.run(PidSpec(), Listener())


def test_without_an_environment_the_error_says_what_is_missing(monkeypatch):
    monkeypatch.delenv("LANDSKETCH_PYTHON", raising=False)
    with pytest.raises(EngineError, match="not installed"):
        Engine().run(PidSpec(), Listener())


def test_the_real_engine_starts_isolated_and_answers(monkeypatch, tmp_path):
    """The launch of the installed plugin: its own Python, and no folder of other plugins before its packages."""
    monkeypatch.setenv("LANDSKETCH_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PROJ_LIB", str(tmp_path))
    command = client.worker_command()
    assert command[0] == environment.find_python() == sys.executable
    assert "-I" in command
    engine = Engine()
    missing = AssessSpec(map=str(tmp_path / "map.tif"), reference=str(tmp_path / "reference.tif"))
    with pytest.raises(Exception, match=r"map\.tif|reference\.tif"):
        engine.run(missing, Listener())
    engine.close()


def test_the_log_stays_bounded(tmp_path, monkeypatch):
    from landsketch.bridge import worker_log

    monkeypatch.setattr(worker_log, "_MAX_BYTES", 10_000)
    monkeypatch.setattr(worker_log, "_CHUNK_BYTES", 1_000)
    log = worker_log.WorkerLog(str(tmp_path))
    reading, writing = os.pipe()
    log.follow(os.fdopen(reading, "rb"))
    with os.fdopen(writing, "wb") as stream:
        for number in range(5_000):
            stream.write(f"line {number}\n".encode())
    assert log.tail().endswith("line 4999")
    assert os.path.getsize(log.path) <= 10_000


def test_old_logs_are_dropped(tmp_path):
    from landsketch.bridge.worker_log import WorkerLog

    for number in range(9):
        path = tmp_path / f"engine-{number}.log"
        path.write_text("old")
        os.utime(path, (number, number))
    WorkerLog(str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"engine-{number}.log" for number in (5, 6, 7, 8)]
