"""Calls in a process of their own: stopped at once, and never orphans."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from helpers import SITE
from landsketch.core.apart import run_apart
from landsketch.core.errors import Cancelled, EngineError
from landsketch.core.progress import Reporter


def test_a_call_does_its_work(tmp_path):
    run_apart(os.mkdir, str(tmp_path / "made"), reporter=Reporter())
    assert (tmp_path / "made").is_dir()


def test_a_failure_is_passed_on_with_its_words(tmp_path):
    with pytest.raises(RuntimeError, match="absent"):
        run_apart(os.rmdir, str(tmp_path / "absent"), reporter=Reporter())


def test_a_death_is_said():
    with pytest.raises(EngineError, match="exit code 3"):
        run_apart(os._exit, 3, reporter=Reporter())


def test_a_cancel_ends_the_process_at_once():
    reporter = Reporter()
    threading.Timer(0.7, reporter.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run_apart(time.sleep, 60, reporter=reporter)
    assert time.monotonic() - started < 1.7


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the child in /proc")
def test_when_the_caller_is_killed_the_process_ends_too():
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from landsketch.core.apart import run_apart\n"
        "from landsketch.core.progress import Reporter\n"
        "run_apart(time.sleep, 60, reporter=Reporter())\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", code, str(SITE)])
    child = wait_for(lambda: children(caller.pid))[0]
    time.sleep(0.5)  # until it waits for the caller's end
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    wait_for(lambda: not Path(f"/proc/{child}").exists())


def children(pid):
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def wait_for(condition):
    for _ in range(200):
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("waited for ten seconds in vain")
