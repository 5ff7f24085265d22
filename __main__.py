"""The engine's command line: `python -m landsketch worker`, `python -m landsketch run job.json`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .core.jobfile import run_job_file
from .core.version import version
from .core.worker import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code."""
    parser = argparse.ArgumentParser(prog="landsketch", description="The engine of LandSketch, without QGIS.")
    parser.add_argument("--version", action="version", version=f"LandSketch {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("worker", help="answer requests on stdin with events on stdout, as QGIS uses it")
    run = commands.add_parser("run", help="run one job file")
    run.add_argument("job_file", help='JSON file: {"job": "classify", "spec": {...}}')
    options = parser.parse_args(arguments)
    if options.command == "worker":
        serve()
    return run_job_file(options.job_file)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a cancelled job's library call may still run in a daemon thread, and taking the interpreter down
    # under it would abort the process with another exit code.
    os._exit(code)
