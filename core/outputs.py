"""Output files appear under their final name only when they are finished."""

from __future__ import annotations

import errno
import glob
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from .errors import LandSketchError, OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL_TEXTS = ("no space left", "disk full", "quota exceeded")
_BROKEN_TEXTS = ("write failed", "write error", "seek error", "tiffreaddirectory", "file too large")
"""What GDAL says when it could not write on; it does not pass the system's reason on."""

_LEAST_FREE = 1 << 20
"""A disk with less than this many bytes left counts as full when a writer fails without saying why."""

_SIDECARS = (".aux.xml", ".ovr", ".msk")
"""Files that GDAL reads along with a raster; old ones would belong to the raster that is replaced."""


@contextmanager
def finished(path: str) -> Iterator[str]:
    """Yields a temporary path beside `path` to write to, and puts the file in place when the block succeeds.

    Raises:
        OutputError: If the folder cannot be written to, or the disk is full.
    """
    with all_finished((path,)) as (temporary,):
        yield temporary


@contextmanager
def all_finished(paths: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Like `finished` for files that belong together: all of them appear, or none.

    Whatever the block wrote beside the temporary files under longer names (such as `.aux.xml`) moves with them.

    Raises:
        OutputError: If a folder cannot be written to, or the disk is full.
    """
    temporaries = tuple(_temporary(path) for path in paths)
    placed: list[str] = []
    try:
        for path, temporary in zip(paths, temporaries, strict=True):
            _check_writable(path, temporary)
        yield temporaries
        if any(_is_full(os.path.dirname(temporary)) for temporary in temporaries):
            # GDAL loses the last blocks of a raster without an error when the disk fills up while it closes the file.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        for path, temporary in zip(paths, temporaries, strict=True):
            _place(temporary, path)
            placed.append(path)
    except BaseException as error:
        for leftover in placed:
            with suppress(OSError):
                os.remove(leftover)
        remove_written(temporaries)
        explained = _explained(error, paths)
        if explained:
            raise explained from error
        raise


def remove_written(temporaries: Iterable[str]) -> None:
    """Deletes temporary files and all that was written beside them, also those of a process that was killed."""
    for temporary in temporaries:
        for file in _written(temporary):
            with suppress(OSError):
                os.remove(file)


def _temporary(path: str) -> str:
    """Names a file in the same folder (so that replacing is one step) with the same suffix (writers choose by it)."""
    folder, name = os.path.split(os.path.abspath(path))
    stem, suffix = os.path.splitext(name)
    return os.path.join(folder, f".{stem[:80]}-{uuid.uuid4().hex[:12]}{suffix}")


def _check_writable(path: str, temporary: str) -> None:
    """Tries the folder before the work starts, rather than after hours of it."""
    if os.path.isdir(path):
        raise OutputError(f"The output '{path}' is a folder.", "Choose a file name.")
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise OutputError(f"The output '{path}' exists and is read-only.", "Choose another file name.")
    with open(temporary, "xb"):
        pass
    os.remove(temporary)


def _written(temporary: str) -> list[str]:
    """The temporary file and all that was written beside it."""
    stem = os.path.splitext(temporary)[0]
    return glob.glob(glob.escape(stem) + "*")


def _place(temporary: str, path: str) -> None:
    if not os.path.exists(temporary):
        raise OutputError(f"The output '{path}' was not written.")
    for suffix in _SIDECARS:
        if not os.path.exists(temporary + suffix):
            with suppress(FileNotFoundError):
                os.remove(path + suffix)
    for extra in glob.glob(glob.escape(temporary) + ".*"):
        os.replace(extra, path + extra[len(temporary) :])
    os.replace(temporary, path)


def _explained(error: BaseException, paths: tuple[str, ...]) -> OutputError | None:
    """Returns what went wrong with the disk in plain words; None when the failure is of another kind."""
    if not paths or isinstance(error, LandSketchError) or not isinstance(error, Exception):
        return None
    folder = os.path.dirname(os.path.abspath(paths[0]))
    names = " and ".join(f"'{path}'" for path in paths)
    code = error.errno if isinstance(error, OSError) else None
    words = " ".join(_chain(error)).lower()
    if code in _FULL or any(text in words for text in _FULL_TEXTS) or _is_full(folder):
        return OutputError(
            f"The disk is full: {names} cannot be written.", "Free some space, or choose another folder."
        )
    if code == errno.EFBIG or any(text in words for text in _BROKEN_TEXTS):
        return OutputError(
            f"Writing {names} stopped short.",
            "The disk may not take files of that size, or was removed; choose another folder.",
        )
    if not isinstance(error, OSError) or not _inside(error.filename, folder):
        return None
    if code in _FORBIDDEN:
        return OutputError(f"{names} cannot be written: no permission.", "Choose a folder that you may write to.")
    if code in (errno.ENOENT, errno.ENOTDIR):
        return OutputError(f"{names} cannot be written: the folder '{folder}' does not exist.", "Create it first.")
    return None


def _chain(error: BaseException | None) -> Iterator[str]:
    """The messages of an error and of those it came from."""
    while error is not None:
        yield str(error)
        error = error.__cause__ or error.__context__


def _inside(filename: object, folder: str) -> bool:
    """Whether the failing file is one of the outputs' folder: a failing input must not be blamed on the output."""
    return isinstance(filename, str) and os.path.dirname(os.path.abspath(filename)) == folder


def _is_full(folder: str) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE
    except OSError:
        return False
