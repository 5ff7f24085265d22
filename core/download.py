"""Downloads of published files: resumed where they broke off, checked, and kept.

Standard library only. Nothing is downloaded but what the user names; proxies are those of the environment
(HTTPS_PROXY, NO_PROXY).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from .errors import CheckpointError, OutputError
from .progress import Reporter
from .version import version

CHUNK = 1 << 16
"""Bytes that are read at once; a cancel waits for no more than these."""

_ATTEMPTS = 5
_LOCAL = ("localhost", "127.0.0.1", "::1")
_SILENCE = 30.0
"""Seconds without a byte after which a connection counts as broken."""

_PACE = 0.2
"""Seconds from one report to the next."""


@dataclass(frozen=True)
class _Partial:
    """What is known of a download that broke off, kept beside it.

    Attributes:
        url: Where it comes from.
        tag: The server's mark of this state of the file (`ETag`, or `Last-Modified`); empty: it has none.
        size: Length of the whole file in bytes; 0: not stated.
    """

    url: str
    tag: str
    size: int


class _BrokenError(Exception):
    """The connection broke; what came so far is kept."""


def downloads_folder() -> str:
    """Returns where downloaded files are kept: a folder beside the engine's environments."""
    home = os.environ.get("LANDSKETCH_HOME") or os.path.join(os.path.expanduser("~"), ".landsketch")
    return os.path.join(os.path.abspath(home), "downloads")


def download(url: str, name: str, sha256: str, reporter: Reporter, folder: str = "") -> str:
    """Downloads a file, or finds it downloaded already.

    Args:
        url: Where it is; https, or http on this machine.
        name: Path under which it is kept, within the folder.
        sha256: Checksum in hexadecimal, all of it or its beginning; '': it is not checked.
        reporter: Is told the progress, and stops the download.
        folder: Where it is kept; '': `downloads_folder`.

    Returns:
        Path of the file.

    Raises:
        CheckpointError: If it cannot be reached, or is not what the checksum says.
        OutputError: If it cannot be written.
    """
    _check_address(url)
    folder = folder or downloads_folder()
    path = os.path.join(folder, name)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path) and _is_right(path, sha256, reporter):
            reporter.log(f"'{name}' was downloaded before.")
            return path
        _fetch(url, path + ".part", reporter)
        if not _is_right(path + ".part", sha256, reporter):
            _forget(path + ".part")
            raise CheckpointError(
                f"The file from {url} is not the one that was published: its checksum does not begin with {sha256}.",
                "Try again later, or download it by other means and give its path.",
            )
        os.replace(path + ".part", path)
        _forget(path + ".part")
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {error.strerror or error}.", "Free some space.") from error
    return path


def _check_address(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise CheckpointError(
            f"'{url}' is no https address; others can be tampered with on the way.", "Give a file that you have."
        )


def _fetch(url: str, partial: str, reporter: Reporter) -> None:
    """Downloads to a partial file, going on where it is, over broken connections."""
    reason = ""
    for attempt in range(_ATTEMPTS):
        before = _size(partial)
        try:
            _go_on(url, partial, reporter)
            return
        except _BrokenError as error:
            reason = str(error)
            if attempt + 1 < _ATTEMPTS:
                kept = f"; {_size(partial) / 1e6:.1f} MB are kept" if _size(partial) > before else ""
                reporter.warn(f"The connection broke ({reason}){kept}. Trying again.")
    raise CheckpointError(
        f"{url} cannot be downloaded: {reason}.",
        "Check the internet connection and the proxy (variable HTTPS_PROXY), and try again: what has come is kept.",
    )


def _go_on(url: str, partial: str, reporter: Reporter) -> None:
    known, start = _known(partial, url), _size(partial)
    if known is None:
        start = 0
    elif known.size and start == known.size:
        return
    headers = {"User-Agent": f"LandSketch/{version()}", "Accept-Encoding": "identity"}
    if start and known:
        # A server with another state of the file then sends all of it.
        headers |= {"Range": f"bytes={start}-", "If-Range": known.tag}
    response = _opened(url, headers, partial, reporter)
    try:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT or not _continues(response, start):
            start = 0
        length = int(response.headers.get("Content-Length") or 0)
        size = start + length if length else 0
        tag = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
        _note(partial, _Partial(url, "" if tag.startswith("W/") else tag, size))
        with open(partial, "r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            _copy(response, file, start, size, reporter)
    finally:
        # Closing waits for the thread that still reads from a silent server; a cancel must not.
        threading.Thread(target=response.close, daemon=True).start()


def _opened(url: str, headers: dict[str, str], partial: str, reporter: Reporter) -> Any:
    """Opens a connection; a thread waits for the server, so that a cancel need not."""
    request = urllib.request.Request(url, headers=headers)
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        return reporter.await_result(lambda: opener.open(request, timeout=_SILENCE))
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            _forget(partial)
            raise _BrokenError("the server has another file than before") from error
        if error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR or error.code == http.HTTPStatus.TOO_MANY_REQUESTS:
            raise _BrokenError(f"the server answered {error.code} {error.reason}") from error
        raise CheckpointError(
            f"{url} cannot be downloaded: the server answered {error.code} {error.reason}.",
            "Look at the address in a browser: it may need an account, or the file has moved. Then give its path.",
        ) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise CheckpointError(
                f"{url} cannot be downloaded: the connection's certificate is not trusted ({error.reason.reason}).",
                "A proxy may replace certificates; name its own in the variable SSL_CERT_FILE.",
            ) from error
        raise _BrokenError(str(error.reason)) from error
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise _BrokenError(str(error) or type(error).__name__) from error


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to addresses that are allowed themselves."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _continues(response: Any, start: int) -> bool:
    """Whether a part that the server sends begins where the partial file ends."""
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {start}-")


def _copy(response: Any, file: BinaryIO, done: int, size: int, reporter: Reporter) -> None:
    reporter.done_before(done / size if size else 0.0)
    total = f" of {size / 1e6:.0f}" if size else ""
    told = 0.0
    for chunk in _chunks(response, reporter):
        file.write(chunk)
        done += len(chunk)
        if time.monotonic() - told > _PACE:
            told = time.monotonic()
            reporter.progress(done / size if size else 0.0, f"Downloading: {done / 1e6:.0f}{total} MB")
    if size and done < size:
        raise _BrokenError(f"it ended after {done} of {size} bytes")


def _chunks(response: Any, reporter: Reporter) -> Iterator[bytes]:
    """Reads what comes; a thread waits for it, so that a cancel need not."""
    while True:
        try:
            chunk = reporter.await_result(response.read1, CHUNK)
        except (http.client.HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
            raise _BrokenError(str(error) or type(error).__name__) from error
        if not chunk:
            return
        yield chunk


def _is_right(path: str, sha256: str, reporter: Reporter) -> bool:
    """Whether a file's checksum begins as it should."""
    if not sha256:
        return True
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            reporter.check()
            digest.update(chunk)
    return digest.hexdigest().startswith(sha256)


def _known(partial: str, url: str) -> _Partial | None:
    """Returns what was noted of a partial file; None where it cannot be gone on with."""
    try:
        with open(partial + ".json", encoding="utf-8") as file:
            known = _Partial(**json.load(file))
    except (OSError, ValueError, TypeError):
        return None
    return known if known.url == url and known.tag else None


def _note(partial: str, known: _Partial) -> None:
    with open(partial + ".json", "w", encoding="utf-8") as file:
        json.dump(known.__dict__, file)


def _forget(partial: str) -> None:
    for path in (partial, partial + ".json"):
        with suppress(FileNotFoundError):
            os.remove(path)


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0
