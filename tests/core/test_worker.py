"""The engine process as QGIS, or a scheduler, meets it: a real process, its pipes and its exit codes."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".dev" / "site"
FAKE = [sys.executable, str(Path(__file__).with_name("fake_engine.py")), str(SITE)]
PATIENCE = 20


class Peer:
    """The other end of the worker's pipes."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=SITE
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)

    def send(self, request):
        line = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def event(self):
        return json.loads(self.lines.get(timeout=PATIENCE))

    def events_of(self, job_id):
        """Returns the events of a job up to its last one; any other line fails the test."""
        events = []
        while not events or events[-1]["event"] not in ("result", "error"):
            events.append(self.event())
            assert events[-1]["id"] == job_id
        return events

    def end(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE)


@pytest.fixture
def worker():
    peer = Peer([*FAKE, "worker"])
    assert peer.event()["event"] == "ready"
    yield peer
    peer.process.kill()
    peer.process.wait()


def test_worker_is_ready_before_torch_is_imported():
    command = [sys.executable, "-X", "importtime", "-m", "landsketch", "worker"]
    peer = Peer(command)
    ready = peer.event()
    assert ready["event"] == "ready"
    assert ready["pid"] == peer.process.pid
    assert ready["version"] != "unknown"
    peer.process.stdin.close()
    imported = peer.process.stderr.read().decode()
    assert peer.process.wait(PATIENCE) == 0
    assert "landsketch.core.worker" in imported
    assert not [name for name in ("torch", "numpy", "rasterio") if f"| {name}\n" in imported.replace("  ", "")]


def test_events_arrive_in_order_with_their_id(worker):
    worker.send({"id": "a", "job": "pid", "spec": {}})
    events = worker.events_of("a")
    assert [event["event"] for event in events] == ["progress", "metric", "log", "artifact", "result"]
    assert events[0]["fraction"] == 0.5
    assert events[1]["values"] == {"loss": 0.25}


def test_second_job_runs_in_the_same_process(worker):
    pids = set()
    for job_id in (1, 2):
        worker.send({"id": job_id, "job": "pid", "spec": {}})
        pids.add(worker.events_of(job_id)[-1]["result"]["pid"])
    assert pids == {worker.process.pid}


def test_cancel_answers_within_a_second_and_keeps_the_worker(worker):
    worker.send({"id": 1, "job": "sleep", "spec": {}})
    assert worker.event()["message"] == "begun"
    start = time.monotonic()
    worker.send({"id": 1, "cancel": True})
    answer = worker.events_of(1)[-1]
    assert time.monotonic() - start < 1
    assert (answer["event"], answer["kind"]) == ("error", "cancelled")
    worker.send({"id": 2, "job": "pid", "spec": {}})
    assert worker.events_of(2)[-1]["result"]["pid"] == worker.process.pid


def test_a_training_that_is_to_finish_gives_its_result(worker):
    worker.send({"id": 1, "job": "train", "spec": {}})
    assert worker.event() == {"id": 1, "event": "metric", "values": {"epoch": 1}, "f1": {"Water": 0.5}}
    assert worker.event()["event"] == "picture"
    worker.send({"id": 7, "finish": True})
    worker.send({"id": 1, "finish": True})
    assert worker.events_of(1)[-1]["result"] == {"kept": True, "part": False}
    worker.send({"id": 1, "finish": True})
    worker.send({"id": 2, "job": "pid", "spec": {}})
    assert worker.events_of(2)[-1]["event"] == "result"


def test_a_waiting_job_is_cancelled_while_another_runs(worker):
    worker.send({"id": 1, "job": "sleep", "spec": {}})
    worker.event()
    worker.send({"id": 2, "job": "pid", "spec": {}})
    worker.send({"id": 2, "cancel": True})
    assert worker.events_of(2)[-1]["kind"] == "cancelled"
    worker.send({"id": 1, "cancel": True})
    assert worker.events_of(1)[-1]["kind"] == "cancelled"
    worker.send({"id": 3, "job": "pid", "spec": {}})
    assert worker.events_of(3)[-1]["event"] == "result"


def test_cancelling_what_has_ended_says_nothing(worker):
    worker.send({"id": 1, "job": "pid", "spec": {}})
    worker.events_of(1)
    worker.send({"id": 1, "cancel": True})
    worker.send({"id": 2, "job": "pid", "spec": {}})
    assert worker.events_of(2)[-1]["event"] == "result"


def test_end_of_input_stops_the_job_and_the_process(worker, tmp_path):
    cleaned = tmp_path / "cleaned"
    worker.send({"id": 1, "job": "sleep", "spec": {"cleaned": str(cleaned)}})
    worker.event()
    start = time.monotonic()
    assert worker.end() == 0
    assert time.monotonic() - start < 2
    assert cleaned.exists()


def test_end_of_input_ends_a_job_that_does_not_react(worker):
    worker.send({"id": 1, "job": "stubborn", "spec": {}})
    worker.event()
    start = time.monotonic()
    assert worker.end() == 0
    assert time.monotonic() - start < 3


def test_worker_does_not_outlive_a_killed_parent(tmp_path):
    parent = (
        "import subprocess, sys, time; "
        "p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE); "
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent, *FAKE, "worker"], stdout=subprocess.PIPE)
    worker_pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    deadline = time.monotonic() + PATIENCE
    while _runs(worker_pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(worker_pid)


def _runs(pid):
    try:
        # A killed orphan may stay a zombie where no init process reaps it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_stray_prints_do_not_reach_the_protocol(worker):
    worker.send({"id": 1, "job": "noise", "spec": {}})
    assert worker.events_of(1) == [{"id": 1, "event": "result", "result": {"read": ""}}]
    worker.end()
    said = worker.process.stderr.read().decode()
    assert all(text in said for text in ("print", "old stdout", "descriptor 1", "C library", "child"))


@pytest.mark.parametrize(
    ("line", "answer_id"),
    [
        (b"hello", None),
        (b"\xff\xfe", None),
        (b"[1, 2]", None),
        (b"{}", None),
        (b'{"id": 7}', 7),
        (b'{"id": 7, "job": "pid"}', 7),
        (b'{"id": 7, "job": "pid", "spec": []}', 7),
        (b'{"id": [7], "job": "pid", "spec": {}}', None),
        pytest.param(b"[" * 100_000, None, id="deep"),
    ],
)
def test_a_bad_line_is_answered_and_the_worker_goes_on(worker, line, answer_id):
    worker.send(line)
    answer = worker.event()
    assert (answer["event"], answer["id"]) == ("error", answer_id)
    worker.send({"id": 8, "job": "pid", "spec": {}})
    assert worker.events_of(8)[-1]["event"] == "result"


def test_an_id_in_use_is_refused_without_ending_its_job(worker):
    worker.send({"id": 1, "job": "sleep", "spec": {}})
    worker.event()
    worker.send({"id": 1, "job": "pid", "spec": {}})
    answer = worker.event()
    assert (answer["event"], answer["id"]) == ("error", None)
    worker.send({"id": 1, "cancel": True})
    assert worker.events_of(1)[-1]["kind"] == "cancelled"


@pytest.mark.parametrize(
    ("kind", "answer_kind", "words"),
    [
        ("labels", "labels", "No feature overlaps."),
        ("bug", "internal", "ValueError: first line."),
        ("memory", "engine", "memory"),
        ("disk", "output", "'/out/map.tif'"),
        ("permission", "output", "permission"),
        ("exit", "internal", "SystemExit"),
    ],
)
def test_failures_of_a_job_are_told_and_survived(worker, kind, answer_kind, words):
    worker.send({"id": 1, "job": "fail", "spec": {"kind": kind}})
    answer = worker.events_of(1)[-1]
    assert answer["kind"] == answer_kind
    assert words in answer["message"]
    assert "\n" not in answer["message"]
    worker.send({"id": 2, "job": "pid", "spec": {}})
    assert worker.events_of(2)[-1]["event"] == "result"


def test_a_result_that_is_not_json_is_an_error(worker):
    worker.send({"id": 1, "job": "unsendable", "spec": {}})
    assert worker.events_of(1)[-1]["kind"] == "internal"


def test_the_traceback_of_a_defect_goes_to_stderr(worker):
    worker.send({"id": 1, "job": "fail", "spec": {"kind": "bug"}})
    worker.events_of(1)
    worker.end()
    assert "in job_fail" in worker.process.stderr.read().decode()


def run_file(tmp_path, job_file, *, wait=True):
    path = tmp_path / "job.json"
    path.write_text(job_file if isinstance(job_file, str) else json.dumps(job_file))
    process = subprocess.Popen([*FAKE, "run", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if not wait:
        return process
    output, said = process.communicate(timeout=PATIENCE)
    return process.returncode, output, said


def test_job_file_prints_its_result_alone_on_stdout(tmp_path):
    code, output, said = run_file(tmp_path, {"job": "pid", "spec": {}})
    assert code == 0
    assert set(json.loads(output)) == {"pid"}
    assert " 50% half" in said
    assert "loss 0.25" in said
    assert "Warning: mind this" in said


def test_job_file_keeps_stray_prints_off_stdout(tmp_path):
    code, output, _ = run_file(tmp_path, {"job": "noise", "spec": {}})
    assert code == 0
    assert set(json.loads(output)) == {"read"}


def test_job_file_that_fails_exits_with_1(tmp_path):
    code, output, said = run_file(tmp_path, {"job": "fail", "spec": {"kind": "labels"}})
    assert (code, output) == (1, "")
    assert "Error: No feature overlaps. Draw some." in said


@pytest.mark.parametrize(
    "job_file",
    ["", "[]", '{"job": "pid"}', '{"job": 3, "spec": {}}', {"job": "fail", "spec": {"kind": "spec"}}],
)
def test_bad_job_file_exits_with_2(tmp_path, job_file):
    code, output, said = run_file(tmp_path, job_file)
    assert (code, output) == (2, "")
    assert said.startswith("Error: ")


def test_missing_job_file_exits_with_2(tmp_path):
    done = subprocess.run([*FAKE, "run", str(tmp_path / "none.json")], capture_output=True, text=True)
    assert done.returncode == 2
    assert "none.json" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_cancels_a_job_file(tmp_path, number, code):
    cleaned = tmp_path / "cleaned"
    process = run_file(tmp_path, {"job": "sleep", "spec": {"cleaned": str(cleaned)}}, wait=False)
    assert process.stderr.readline() == "begun\n"
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert cleaned.exists()
    assert "cancelled" in said


def test_version_is_stated_once_and_printed():
    import tomllib

    printed = subprocess.run(
        [sys.executable, "-m", "landsketch", "--version"], cwd=SITE, capture_output=True, text=True, check=True
    ).stdout.split()[-1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == printed
