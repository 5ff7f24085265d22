"""Finding and building the engine's environment; the parts that need no download."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from landsketch.bridge import environment, interpreters, processes
from landsketch.bridge.install_errors import explain
from landsketch.bridge.install_log import last_installation
from landsketch.bridge.install_progress import InstallProgress
from landsketch.bridge.shared_lock import shared_lock
from landsketch.core.errors import Cancelled, EngineError

SITE = Path(__file__).resolve().parents[2] / ".dev" / "site"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LANDSKETCH_PYTHON", raising=False)
    monkeypatch.delenv("LANDSKETCH_WHEELS", raising=False)
    return tmp_path / "home"


def make_environment(home, name=None, *, ready=True):
    folder = home / "environments" / (name or f"py3.11-{environment.lock_key()}")
    python = Path(environment.python_of(str(folder)))
    python.parent.mkdir(parents=True)
    python.touch()
    if ready:
        (folder / "landsketch-ready").touch()
    return str(python)


def test_nothing_is_found_where_nothing_is():
    assert environment.find_python() is None
    assert "not installed" in environment.missing_reason()


def test_a_verified_environment_is_found(home):
    python = make_environment(home)
    assert environment.find_python() == python
    assert environment.missing_reason() == ""


def test_a_half_built_environment_is_not_found(home):
    make_environment(home, ready=False)
    assert environment.find_python() is None


def test_an_environment_under_construction_is_not_found(home):
    make_environment(home, "building-abc")
    assert environment.find_python() is None


def test_the_engine_may_have_another_python_version_than_qgis(home):
    python = make_environment(home, f"py3.99-{environment.lock_key()}")
    assert environment.find_python() == python


def test_the_python_version_of_qgis_comes_first(home):
    make_environment(home, f"py3.0-{environment.lock_key()}")
    own = make_environment(home, f"py{interpreters.minor_of_new_environment()}-{environment.lock_key()}")
    assert environment.find_python() == own


def test_the_environment_of_another_lock_file_is_not_taken(home, tmp_path, monkeypatch):
    make_environment(home)
    before = environment.lock_key()
    requirements = tmp_path / "requirements"
    requirements.mkdir()
    (requirements / "engine.lock").write_text("torch==99\n")
    monkeypatch.setattr(environment, "_REQUIREMENTS", str(requirements))
    assert environment.lock_key() != before
    assert environment.find_python() is None
    assert "another version" in environment.missing_reason()


def test_a_named_interpreter_wins(home, monkeypatch):
    make_environment(home)
    monkeypatch.setenv("LANDSKETCH_PYTHON", sys.executable)
    assert environment.find_python() == sys.executable


def test_a_named_interpreter_that_is_missing_is_named(home, monkeypatch, tmp_path):
    make_environment(home)
    monkeypatch.setenv("LANDSKETCH_PYTHON", str(tmp_path / "python"))
    assert environment.find_python() is None
    assert str(tmp_path / "python") in environment.missing_reason()
    with pytest.raises(EngineError, match="LANDSKETCH_PYTHON"):
        environment.build(print, lambda: False)


def test_the_childs_variables_are_cleaned_and_ours_left_alone(monkeypatch):
    for name in ("PYTHONHOME", "PYTHONPATH", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH"):
        monkeypatch.setenv(name, "/qgis")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org")
    child = environment.child_environment()
    assert not [name for name in child if name.startswith(("PYTHON", "PROJ_", "GDAL_"))]
    assert child["HTTPS_PROXY"] == "http://proxy.example.org"
    assert child["PATH"] == os.environ["PATH"]
    assert os.environ["PYTHONHOME"] == "/qgis"


def test_finding_starts_no_process(monkeypatch, home):
    make_environment(home)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert environment.find_python()
    assert environment.missing_reason() == ""


def test_a_full_disk_is_told_before_anything_is_downloaded(monkeypatch):
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 10**18)
    monkeypatch.setattr(environment, "run_lines", None)
    with pytest.raises(EngineError, match="GB"):
        environment.build(print, lambda: False)


class Installers:
    """Stands in for uv, which needs the network: makes the Python that it was asked for, or fails at a step."""

    def __init__(self, fails_at=""):
        self.fails_at = fails_at
        self.steps = []

    def __call__(self, command, on_line, cancelled):
        step = next(word for word in ("sync", "install", "-c", "venv") if word in command)
        self.steps.append(step)
        if step == "venv":
            python = Path(environment.python_of(command[-1]))
            python.parent.mkdir(parents=True)
            python.touch()
            (python.parent / ("uv.exe" if os.name == "nt" else "uv")).touch()
        return (1, "dns error: No such host") if step == self.fails_at else (0, "")


def test_a_built_environment_is_found(monkeypatch):
    installers = Installers()
    monkeypatch.setattr(environment, "run_lines", installers)
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 0)
    python = environment.build(print, lambda: False)
    assert installers.steps == ["venv", "install", "venv", "sync", "-c"]
    assert environment.find_python() == python
    assert environment.build(print, lambda: False) == python
    assert len(installers.steps) == 5


@pytest.mark.parametrize("step", ["install", "sync", "-c"])
def test_a_failed_step_leaves_nothing_that_is_taken_for_an_environment(monkeypatch, home, step):
    monkeypatch.setattr(environment, "run_lines", Installers(fails_at=step))
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 0)
    with pytest.raises(EngineError, match="could not be downloaded"):
        environment.build(print, lambda: False)
    assert environment.find_python() is None
    assert list((home / "environments").iterdir()) == []
    monkeypatch.setattr(environment, "run_lines", Installers())
    assert environment.build(print, lambda: False)


def test_leftovers_of_a_killed_build_are_removed(monkeypatch, home):
    make_environment(home, "building-abc", ready=False)
    make_environment(home, ready=False)
    other = make_environment(home, "py3.11-ofanotherversion")
    monkeypatch.setattr(environment, "run_lines", Installers())
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 0)
    assert environment.build(print, lambda: False)
    assert not (home / "environments" / "building-abc").exists()
    assert os.path.exists(other)


def test_wheels_from_a_folder_need_no_index(monkeypatch, tmp_path):
    commands = []

    def record(command, on_line, cancelled):
        commands.append(list(command))
        return Installers()(command, on_line, cancelled)

    monkeypatch.setenv("LANDSKETCH_WHEELS", str(tmp_path))
    monkeypatch.setattr(environment, "run_lines", record)
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 0)
    environment.build(print, lambda: False)
    downloads = [command for command in commands if "install" in command or "sync" in command]
    assert len(downloads) == 2
    for command in downloads:
        assert "--require-hashes" in command
        assert command[command.index("--find-links") - 1 : command.index("--find-links") + 2] == [
            "--no-index",
            "--find-links",
            str(tmp_path),
        ]


def test_cancelling_an_installer_ends_it_and_its_children(tmp_path):
    child = tmp_path / "child"
    code = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"open({str(child)!r}, 'w').write(str(p.pid)); print('begun', flush=True); time.sleep(60)"
    )
    lines = []
    start = time.monotonic()
    with pytest.raises(Cancelled):
        processes.run_lines([sys.executable, "-c", code], lines.append, lambda: bool(lines))
    assert time.monotonic() - start < 5
    assert not _runs(int(child.read_text()))


def _runs(pid):
    for _ in range(50):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
        except OSError:
            return False
        time.sleep(0.05)
    return True


def test_installers_get_no_input_and_their_lines_arrive():
    lines = []
    code = "import sys; print(repr(sys.stdin.read())); print('wrong', file=sys.stderr); sys.exit(3)"
    result = processes.run_lines([sys.executable, "-c", code], lines.append, lambda: False)
    assert result[0] == 3
    assert sorted(lines) == ["''", "wrong"]


def test_a_second_builder_waits_for_the_first_and_can_be_cancelled(tmp_path):
    path = str(tmp_path / "lock")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom landsketch.bridge.shared_lock import shared_lock\n"
            "with shared_lock(sys.argv[1], print, lambda: False):\n    print('held', flush=True)\n    time.sleep(60)",
            path,
        ],
        cwd=SITE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    said = []
    with pytest.raises(Cancelled), shared_lock(path, said.append, lambda: bool(said)):
        pytest.fail("the lock was held twice")
    threading.Timer(0.3, holder.kill).start()
    with shared_lock(path, said.append, lambda: False):
        assert holder.wait(5) != 0
    holder.stdout.close()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: failed to write: No space left on device (os error 28)", "disk is full"),
        ("The virtual environment was not created because ensurepip is not available.", "venv"),
        ("Caused by: client error (Connect): invalid peer certificate: UnknownIssuer", "certificate"),
        ("tunnel error: 407 Proxy Authentication Required", "user name"),
        ("error: Failed to fetch: `https://pypi.org/simple/torch/`\n  dns error", "downloaded"),
        ("error: Permission denied (os error 13)", "permission"),
        ("Hash mismatch for `torch==2.15.0`", "tested"),
        ("ImportError: libcudart.so.13: cannot open shared object file", "do not run"),
        ("something new", "could not be installed"),
    ],
)
def test_failures_are_told_in_plain_words(output, words):
    assert words in explain(output).message


def test_the_last_installation_is_kept_in_a_log_without_passwords(monkeypatch):
    def fail(command, on_line, cancelled):
        on_line("Looking at https://me:secret@mirror.example.org/simple")
        return 1, "dns error"

    assert last_installation(environment.log_folder()) == ""
    monkeypatch.setattr(environment, "run_lines", fail)
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 0)
    lines = []
    with pytest.raises(EngineError):
        environment.build(lines.append, lambda: False)
    log = last_installation(environment.log_folder())
    assert "Looking at https://...@mirror" in log and "EngineError: The engine could not be installed." in log
    assert lines[-1].startswith("Looking at") and "secret" not in log


def test_progress_follows_the_installers_and_never_falls():
    progress = InstallProgress()
    lines = [
        "Creating virtual environment at: /x",
        "Resolved 140 packages in 3ms",
        "Downloading torch (800.0MiB)",
        "Downloading numpy (16.1MiB)",
        " Downloaded numpy",
        "   Building x",
        " Downloaded torch",
        "Prepared 140 packages in 80.00s",
        "Installed 140 packages in 2s",
        "Bytecode compiled 20000 files in 40s",
        "Checking the new environment ...",
        "torch 2.15.0",
        "The engine is ready in '/x'.",
    ]
    shares = [progress.after(line) for line in lines]
    assert shares == sorted(shares) and shares[-1] == 1
    assert 0.05 < shares[4] < 0.08 and shares[4] == shares[5] and shares[6] == pytest.approx(0.7)


def test_reports_hold_no_passwords():
    assert "secret" not in str(explain("Failed to fetch: `https://me:secret@mirror.example.org/simple/`"))


def test_qgis_itself_is_not_taken_for_a_python(monkeypatch, tmp_path):
    """On Windows and macOS, `sys.executable` is QGIS; starting it would open a second window."""
    qgis = tmp_path / "qgis-bin.exe"
    qgis.touch()
    monkeypatch.setattr(sys, "executable", str(qgis))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert interpreters.base_python() is None
    assert interpreters.minor_of_new_environment() == "3.12"


def test_it_is_a_program_for_the_shell(home):
    def run(option):
        command = [sys.executable, "-m", "landsketch.bridge.environment", option]
        return subprocess.run(command, cwd=SITE, capture_output=True, text=True)

    assert run("--python").returncode == 1
    assert "not installed" in run("--status").stdout
    python = make_environment(home)
    assert run("--python").stdout == python
    assert run("--build").stdout == python + "\n"
