"""The real engine process with small jobs in place of the real ones: `python fake_engine.py SITE worker`."""

import ctypes
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, sys.argv.pop(1))

from landsketch.core.errors import LabelError, SpecError
from landsketch.core.jobfile import run_job_file
from landsketch.core.worker import serve


def run_job(job, spec, reporter):
    return globals()[f"job_{job}"](spec, reporter)


def job_pid(spec, reporter):
    reporter.progress(0.5, "half")
    reporter.metric(loss=0.25)
    reporter.warn("mind this")
    reporter.artifact("/out/map.tif", "raster")
    return {"pid": os.getpid()}


def job_sleep(spec, reporter):
    """Works until `seconds` are over, in steps, and says that it has begun."""
    reporter.log("begun")
    end = time.monotonic() + spec.get("seconds", 60)
    try:
        while time.monotonic() < end:
            time.sleep(0.02)
            reporter.check()
    finally:
        if spec.get("cleaned"):
            with open(spec["cleaned"], "w") as file:
                file.write("cleaned")
    return {}


def job_train(spec, reporter):
    """Learns until it is told to keep what it has."""
    reporter.metric({"Water": 0.5}, epoch=1)
    reporter.picture(b"PNG")
    while not reporter.finishing:
        time.sleep(0.02)
        reporter.check()
    return {"kept": True, "part": reporter.part(0, 1, "").finishing}


def job_stubborn(spec, reporter):
    """Does not react to cancel."""
    reporter.log("begun")
    time.sleep(60)
    return {}


def job_noise(spec, reporter):
    """Prints wherever a library could."""
    print("print")
    sys.__stdout__.write("old stdout\n")
    sys.__stdout__.flush()
    os.write(1, b"descriptor 1\n")
    libc = ctypes.CDLL(None)
    libc.puts(b"C library")
    libc.fflush(None)
    subprocess.run([sys.executable, "-c", "print('child')"], check=True)
    return {"read": sys.stdin.read()}


def job_fail(spec, reporter):
    raise {
        "labels": LabelError("No feature overlaps.", "Draw some."),
        "spec": SpecError("epochs is 0."),
        "bug": ValueError("first line\nsecond line"),
        "memory": MemoryError(),
        "disk": OSError(28, "No space left on device", "/out/map.tif"),
        "permission": PermissionError(13, "Permission denied", "/out/map.tif"),
        "exit": SystemExit(3),
    }[spec["kind"]]


def job_unsendable(spec, reporter):
    return {"value": object()}


def job_die(spec, reporter):
    print("I am dying", file=sys.stderr)
    sys.stderr.flush()
    os.kill(os.getpid(), getattr(signal, spec["signal"]))
    time.sleep(60)
    return {}


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        serve(run_job)
    sys.exit(run_job_file(sys.argv[2], run_job))
