"""Encoders that the checkpoint manager downloads, from a server on this machine."""

import hashlib
import os
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from checkpoint_parts import choose, names, press, wait
from landsketch.core.encoder_registry import encoder
from landsketch.core.errors import Cancelled
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices

pytest_plugins = ["checkpoint_parts"]

GALILEO = Path(__file__).resolve().parents[3] / "shared" / "data" / "checkpoints" / "galileo-nano" / "encoder.pt"


class Weights(ThreadingHTTPServer):
    """Serves published weights, in pieces.

    Attributes:
        content: The file.
        pause: Seconds between the pieces.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.content, self.pause = np.random.default_rng(0).bytes(2_000_000), 0.0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/encoder.pth"


class _Answer(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        try:
            for place in range(0, len(self.server.content), 100_000):
                self.wfile.write(self.server.content[place : place + 100_000])
                time.sleep(self.server.pause)
        except OSError:  # whoever asked has gone
            pass


class DownloadingEngine:
    """Stands for the engine's process: downloads as it does, from a server on this machine, in the thread that asks."""

    def __init__(self, build, url, sha256, folder):
        self.build, self.url, self.sha256, self.folder = build, url, sha256, folder
        self.specs = []
        self.job = None

    def run(self, spec, feedback):
        from landsketch.core.download import download
        from landsketch.core.progress import Reporter

        self.specs.append(spec)

        def tell(event):
            if feedback.is_cancelled():
                raise Cancelled()
            if event["event"] == "progress":
                feedback.progress(event["fraction"], event["message"], event["seconds_left"])

        download(self.url, f"{spec.encoder}/encoder.pth", self.sha256, Reporter(tell), str(self.folder))
        Path(spec.output).write_bytes(Path(self.build.checkpoint("made.safetensors")).read_bytes())
        return {"output": spec.output}

    def close(self):
        pass


@pytest.fixture
def weights():
    server = Weights()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def downloading(monkeypatch, build, weights, tmp_path):
    from landsketch.bridge import client, environment

    digest = hashlib.sha256(weights.content).hexdigest()
    engine = DownloadingEngine(build, weights.url, digest, tmp_path / "downloads")
    monkeypatch.setattr(client, "engine", lambda: engine)
    monkeypatch.setattr(environment, "missing_reason", lambda: "")
    return engine


def test_an_encoder_is_downloaded_into_the_folder(manager, folder, downloading, weights):
    weights.pause = 0.03
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    seen = []
    dialog.work.bar.valueChanged.connect(seen.append)
    assert dialog.work.busy and not dialog.commands.buttons["download"].isEnabled()
    wait(lambda: not dialog.work.busy)
    wait(lambda: "galileo-nano.safetensors" in names(dialog, "local"))
    assert any(0 < share < 100 for share in seen)
    assert downloading.specs[0].encoder == "galileo-nano" and downloading.specs[0].path == ""
    assert dialog.table.current().path == str(folder / "galileo-nano.safetensors")
    assert "is there" in dialog.work.message.text()


def test_a_download_can_be_cancelled(manager, folder, downloading, weights):
    weights.pause = 0.3
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    wait(lambda: dialog.work.bar.value() > 0)
    dialog.work.stop.click()
    wait(lambda: not dialog.work.busy, seconds=2)
    assert dialog.work.message.text() == "Cancelled." and os.listdir(folder) == []
    assert dialog.commands.buttons["download"].isEnabled()


def test_a_download_that_fails_says_why(manager, folder, downloading):
    downloading.sha256 = "0" * 64
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    wait(lambda: not dialog.work.busy)
    assert "not the one that was published" in dialog.work.message.text()
    assert os.listdir(folder) == []


def test_without_an_engine_a_download_says_what_is_missing(manager, folder, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_PYTHON", "/no/such/python")
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    assert not dialog.work.busy and "/no/such/python" in dialog.work.message.text()


@pytest.mark.slow
def test_the_real_engine_imports_what_was_downloaded(manager, folder, real_engine, monkeypatch, tmp_path):
    from landsketch.bridge import client, environment

    if not GALILEO.is_file():
        pytest.skip(f"{GALILEO} is missing")
    # As if the download were through: there is no internet here.
    monkeypatch.setenv("LANDSKETCH_PYTHON", environment.find_python())
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "downloads" / "galileo-nano").mkdir(parents=True)
    shutil.copy(GALILEO, tmp_path / "home" / "downloads" / "galileo-nano" / "encoder.pt")
    engine = client.Engine()
    monkeypatch.setattr(client, "engine", lambda: engine)
    try:
        dialog = manager()
        choose(dialog, "galileo-nano")
        press(dialog, "download")
        wait(lambda: not dialog.work.busy, seconds=120)
        assert "is there" in dialog.work.message.text()
        wait(lambda: "galileo-nano.safetensors" in names(dialog, "local"))
        choose(dialog, folder / "galileo-nano.safetensors")
        assert "MIT" in dialog.card.toPlainText()
        assert "Imported as 'galileo-nano.safetensors'." in dialog.uses(
            next(entry for entry in dialog.table.checkpoints.entries if entry.key == "galileo-nano")
        )
    finally:
        engine.close()


def test_what_has_to_be_downloaded_by_hand_opens_its_page(manager, monkeypatch):
    pages = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: pages.append(url))
    dialog = manager()
    choose(dialog, "dual-simclr-swin-t")
    assert "by hand" in dialog.card.toPlainText()
    press(dialog, "download")
    assert pages == [QUrl(encoder("dual-simclr-swin-t").url)]
    assert not dialog.work.busy
