"""What the programs of this folder share: each is one contender, run in a process of its own by `benchmarks/peers.py`.

Standard library only and Python 3.9, since a peer's own Python reads this.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable

Job = dict[str, Any]
"""`raster` and the smaller `rehearsal`, `output`, `checkpoint`, `graph` (ONNX), `threads`, `tile`, `overlap` (share of
the tile), and what the contender alone needs."""

Classify = Callable[[str, str], float]
"""Raster and output → seconds of the work, from everything imported and loaded to the file closed."""


def compete(prepare: Callable[[Job], Classify]) -> None:
    """Runs the job that the command line holds, after a rehearsal, and prints its seconds as the last line."""
    job = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):  # libraries that count the cores count these
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: job["threads"]]))
    classify = prepare(job)
    classify(job["rehearsal"], job["output"])
    seconds = classify(job["raster"], job["output"])
    print(f"\n{json.dumps({'seconds': seconds})}", flush=True)
