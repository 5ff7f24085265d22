"""A QGIS of its own: a private profile with the plugin in it, and a simulated scene."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_SIMULATE = """
import dataclasses, json, sys
from landsketch.core.simulate import LEGEND, simulate
scene = simulate(sys.argv[1], seed=3, size=int(sys.argv[2]))
print(json.dumps({**dataclasses.asdict(scene), "legend": LEGEND.to_json()}))
"""


@pytest.fixture(scope="session")
def engine_python():
    """The engine's Python; skips where there is none."""
    from landsketch.bridge import environment

    reason = environment.missing_reason()
    if reason:
        pytest.skip(reason)
    return environment.find_python()


@pytest.fixture(scope="session")
def scene(tmp_path_factory, engine_python):
    """Paths and legend of a simulated scene."""
    folder = tmp_path_factory.mktemp("scene")
    done = subprocess.run(
        [engine_python, "-c", _SIMULATE, str(folder), "256"],
        env={**os.environ, "PYTHONPATH": str(_package_folder())},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _package_folder():
    """The folder on the path that holds this repository under the plugin's name."""
    import landsketch

    return Path(landsketch.__file__).parent.parent


@pytest.fixture(scope="session")
def profiles(tmp_path_factory):
    """A folder of profiles whose default one has the plugin installed and enabled."""
    folder = tmp_path_factory.mktemp("qgis")
    default = folder / "profiles" / "default"
    plugins = default / "python" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "landsketch").symlink_to(ROOT, target_is_directory=True)
    (default / "QGIS").mkdir()
    for version in (3, 4):
        settings = default / "QGIS" / f"QGIS{version}.ini"
        settings.write_text("[PythonPlugins]\nlandsketch=true\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def qgis_environment(profiles):
    """Environment variables for a QGIS that shares nothing with the user's."""
    runtime = profiles / "runtime"
    runtime.mkdir(mode=0o700)
    own = {f"XDG_{name}_HOME": str(profiles / name.lower()) for name in ("CONFIG", "CACHE", "DATA")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QGIS_", "DISPLAY", "WAYLAND"))}
    return {
        **kept,
        **own,
        "XDG_RUNTIME_DIR": str(runtime),
        "QGIS_CUSTOM_CONFIG_PATH": str(profiles),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
    }
