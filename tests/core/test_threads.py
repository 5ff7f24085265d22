"""The settings of threads come before torch, which reads them once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import landsketch
import pytest

_SCRIPT = """
import json, os, sys
import landsketch.__main__
early = "torch" not in sys.modules
try:
    landsketch.__main__.main(["run", "no such file"])
except SystemExit:
    pass
print(json.dumps([early, {name: value for name, value in os.environ.items() if "OMP_" in name}]), file=sys.stderr)
"""


@pytest.mark.parametrize("given", [{}, {"OMP_WAIT_POLICY": "active"}])
def test_waiting_threads_share_cores_unless_told_otherwise(given: dict[str, str]) -> None:
    path = {"PYTHONPATH": str(Path(landsketch.__file__).parent.parent)}
    bare = {name: value for name, value in os.environ.items() if "OMP_" not in name}
    command = [sys.executable, "-c", _SCRIPT]
    done = subprocess.run(command, env={**bare, **path, **given}, capture_output=True, text=True, timeout=60)
    early, settings = json.loads(done.stderr.splitlines()[-1])
    assert early
    assert settings == (given or {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "100"})
