"""Runs jobs in children that can be killed: a line of JSON on stdin starts one, and its process id is the answer.

Forking once everything is imported makes a start as fast as it is in a warm engine.
"""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])

from landsketch.core import jobs
from landsketch.core.mapping import classification, parts
from landsketch.core.progress import Reporter
from landsketch.core.runtimes import onnx_model  # noqa: F401 - imported before forking

classification.KEEP_SECONDS = 0.0
parts.PART_PIXELS = 1 << 16


def main():
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                jobs.run_job("classify", json.loads(line), Reporter())
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


main()
