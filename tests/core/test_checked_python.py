"""Whether a Python that the user names can be the engine."""

import os
import sys
from pathlib import Path

import pytest
import tomllib
from landsketch.bridge import checked_python
from landsketch.bridge.checked_python import PACKAGES, check_python
from landsketch.core.errors import Cancelled, EngineError

ROOT = Path(__file__).resolve().parents[2]


def never():
    return False


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def bare(tmp_path):
    """A Python without packages."""
    import venv

    venv.create(tmp_path / "bare", with_pip=False)
    return str(tmp_path / "bare" / "bin" / "python")


def test_what_is_asked_for_is_what_the_engine_needs():
    with (ROOT / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["project"]["optional-dependencies"]["engine"]
    names = [word.split(">")[0].split("<")[0].strip() for word in needed]
    assert sorted(PACKAGES) == sorted(names)


def test_the_engines_own_python_will_do():
    words = check_python(sys.executable, "engine.lock", never)
    assert words.startswith(f"Python {sys.version_info[0]}.{sys.version_info[1]}.") and "PyTorch 2" in words


def test_missing_packages_are_named_with_what_installs_them(bare):
    with pytest.raises(EngineError) as raised:
        check_python(bare, "/there/engine.lock", never)
    assert "distributed, jinja2, kornia" in str(raised.value)
    assert f"and {len(PACKAGES) - 6} more packages" in str(raised.value)
    assert f'"{bare}" -m pip install -r "/there/engine.lock"' in str(raised.value)


def test_packages_that_do_not_run_are_told(monkeypatch):
    monkeypatch.setattr(checked_python, "IMPORTS", "torch_that_is_broken")
    with pytest.raises(EngineError, match=r"do not run.*torch_that_is_broken"):
        check_python(sys.executable, "engine.lock", never)


def test_an_old_python_is_refused_by_its_version(tmp_path):
    old = program(tmp_path / "python", """echo '{"python": [3, 9, 5], "packages": {}}'""")
    with pytest.raises(EngineError, match=r"is Python 3\.9\.5; the engine needs 3\.11"):
        check_python(old, "engine.lock", never)


@pytest.mark.parametrize("text", ["echo hello", "exit 3", "echo '{}'", "echo '[1]'"])
def test_a_program_that_is_no_python_is_refused(tmp_path, text):
    with pytest.raises(EngineError, match="is not a Python"):
        check_python(program(tmp_path / "other", text), "engine.lock", never)


def test_a_file_that_is_no_program_and_no_file_at_all_are_refused(tmp_path):
    (tmp_path / "text").write_text("no program")
    with pytest.raises(EngineError, match="is not a Python"):
        check_python(str(tmp_path / "text"), "engine.lock", never)
    with pytest.raises(EngineError, match="no file"):
        check_python(str(tmp_path / "nothing"), "engine.lock", never)


def test_looking_can_be_stopped(tmp_path):
    slow = program(tmp_path / "python", f"echo $$ > '{tmp_path}/pid'; sleep 60")
    pid = tmp_path / "pid"
    with pytest.raises(Cancelled):
        check_python(slow, "engine.lock", lambda: pid.exists() and bool(pid.read_text()))
    assert not os.path.exists(f"/proc/{int(pid.read_text())}")
