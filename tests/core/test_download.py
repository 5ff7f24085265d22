"""Downloads from a real server on this machine: resumed, checked, cancelled, and never over an open line."""

import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from landsketch.core import download as module
from landsketch.core.download import download, downloads_folder
from landsketch.core.errors import Cancelled, CheckpointError
from landsketch.core.progress import Reporter

CONTENT = np.random.default_rng(0).bytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one file.

    Attributes:
        content: The file.
        ranges: Whether it sends parts.
        tag: The file's ETag; '': none.
        breaks: After how many bytes each of the next answers ends too early.
        pause: Seconds between the pieces that it sends.
        errors: Status of each of the next answers instead of the file.
        redirect: Where it sends whoever asks for '/moved'.
        asked: The `Range` of each request so far.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.ranges, self.tag, self.pause = CONTENT, True, '"one"', 0.0
        self.breaks, self.errors, self.asked, self.redirect = [], [], [], ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/encoder.pth"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get("Range"))
        self.close_connection = True
        if self.path == "/moved":
            self.answer(302, 0, Location=server.redirect)
            return
        if server.errors:
            self.answer(server.errors.pop(0), 0)
            return
        start = self.start()
        body = server.content[start:]
        ranged = {"Content-Range": f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"} if start else {}
        self.answer(206 if start else 200, len(body), **ranged, **({"ETag": server.tag} if server.tag else {}))
        self.send(body[: server.breaks.pop(0)] if server.breaks else body)

    def start(self):
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        fresh = self.headers.get("If-Range") in (None, self.server.tag)
        return int(wanted[1]) if wanted and fresh and self.server.ranges else 0

    def answer(self, status, length, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, body):
        try:
            for place in range(0, len(body), 100_000):
                self.wfile.write(body[place : place + 100_000])
                time.sleep(self.server.pause)
        except OSError:  # whoever asked has gone
            pass


@pytest.fixture
def server():
    running = Server()
    threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def fetched(server, folder, sha256=SHA256, reporter=None):
    return Path(download(server.url, "encoder.pth", sha256, reporter or Reporter(), str(folder)))


def test_a_file_comes_whole_and_is_kept(server, tmp_path):
    events = []
    path = fetched(server, tmp_path, reporter=Reporter(events.append))
    assert path.read_bytes() == CONTENT
    assert [file.name for file in tmp_path.iterdir()] == ["encoder.pth"]
    progress = [event for event in events if event["event"] == "progress"]
    assert progress and "of 3 MB" in progress[0]["message"]
    assert fetched(server, tmp_path) == path and len(server.asked) == 1


def test_the_head_of_a_checksum_is_enough(server, tmp_path):
    assert fetched(server, tmp_path, SHA256[:8]).read_bytes() == CONTENT


def test_a_broken_connection_is_resumed_where_it_broke(server, tmp_path):
    server.breaks = [1_000_000, 500_000]
    events = []
    assert fetched(server, tmp_path, reporter=Reporter(events.append)).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000000-", "bytes=1500000-"]
    assert any("1.0 MB are kept" in event.get("message", "") for event in events)


def test_a_server_that_is_busy_is_asked_again(server, tmp_path):
    server.errors = [503, 429]
    assert fetched(server, tmp_path).read_bytes() == CONTENT


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(server, tmp_path):
    server.breaks = [100_000] + [0] * 4
    with pytest.raises(CheckpointError, match="what has come is kept"):
        fetched(server, tmp_path)
    assert fetched(server, tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=100000-"


def test_without_ranges_it_starts_again(server, tmp_path):
    server.ranges, server.breaks = False, [1_000_000]
    assert fetched(server, tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 2


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_without_a_mark_of_its_state_a_file_is_not_pieced_together(tag, server, tmp_path):
    server.tag, server.breaks = tag, [1_000_000]
    assert fetched(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, None]


def test_a_file_that_changed_meanwhile_is_not_pieced_together(server, tmp_path):
    server.breaks = [1_000_000] + [0] * 4
    with pytest.raises(CheckpointError):
        fetched(server, tmp_path)
    server.content, server.tag = CONTENT[::-1], '"two"'
    changed = hashlib.sha256(server.content).hexdigest()
    assert fetched(server, tmp_path, changed).read_bytes() == server.content


def test_a_wrong_checksum_is_refused_and_nothing_kept(server, tmp_path):
    with pytest.raises(CheckpointError, match="not the one that was published"):
        fetched(server, tmp_path, "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_a_kept_file_that_was_damaged_is_fetched_again(server, tmp_path):
    (tmp_path / "encoder.pth").write_bytes(b"damaged")
    assert fetched(server, tmp_path).read_bytes() == CONTENT


def test_a_cancel_answers_within_a_second_and_the_rest_is_resumed(server, tmp_path):
    server.pause = 0.05
    reporter, cancelled = Reporter(), []

    def cancel():
        cancelled.append(time.monotonic())
        reporter.cancel()

    threading.Timer(0.5, cancel).start()
    with pytest.raises(Cancelled):
        fetched(server, tmp_path, reporter=reporter)
    assert time.monotonic() - cancelled[0] < 1
    assert not (tmp_path / "encoder.pth").exists()
    server.pause = 0
    assert fetched(server, tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] not in (None, "bytes=0-")


def test_a_cancel_does_not_wait_for_a_silent_server(server, tmp_path):
    server.pause = 30
    reporter = Reporter()
    threading.Timer(0.3, reporter.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        fetched(server, tmp_path, reporter=reporter)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("status", [401, 404])
def test_what_the_server_refuses_is_said(status, server, tmp_path):
    server.errors = [status]
    with pytest.raises(CheckpointError, match=f"answered {status}"):
        fetched(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nobody_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ATTEMPTS", 1)
    with pytest.raises(CheckpointError, match="Check the internet connection and the proxy"):
        download("http://127.0.0.1:9/encoder.pth", "encoder.pth", "", Reporter(), str(tmp_path))


@pytest.mark.parametrize("url", ["http://example.org/x.pth", "file:///etc/passwd", "ftp://example.org/x.pth"])
def test_an_open_line_is_refused(url, tmp_path):
    with pytest.raises(CheckpointError, match="no https address"):
        download(url, "x.pth", "", Reporter(), str(tmp_path))


def test_a_redirect_to_an_open_line_is_refused(server, tmp_path):
    server.redirect = "http://example.org/x.pth"
    with pytest.raises(CheckpointError, match="no https address"):
        download(server.url.replace("encoder.pth", "moved"), "x.pth", "", Reporter(), str(tmp_path))


def test_a_redirect_is_followed(server, tmp_path):
    server.redirect = server.url
    path = download(server.url.replace("encoder.pth", "moved"), "x.pth", SHA256, Reporter(), str(tmp_path))
    assert Path(path).read_bytes() == CONTENT


def test_the_environments_proxy_is_used(server, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    # Nobody listens there; the proxy answers in their place.
    path = download("http://localhost:9/encoder.pth", "encoder.pth", SHA256, Reporter(), str(tmp_path))
    assert Path(path).read_bytes() == CONTENT


def test_files_are_kept_in_the_engines_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path))
    assert downloads_folder() == str(tmp_path / "downloads")
