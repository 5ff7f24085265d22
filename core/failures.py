"""What went wrong, in words for the user: every exception of a job as `{kind, message, hint}`."""

from __future__ import annotations

import errno
import sys
import traceback

from .errors import EngineError, LandSketchError, OutputError

INTERNAL = "internal"
"""Kind of the failures that are LandSketch's own fault."""

_MEMORY_HINT = "Close other programs, or choose a smaller batch or tile."


def describe_failure(error: BaseException) -> dict[str, str]:
    """Returns a job's exception as it travels to the user, and prints the traceback of an unexpected one to stderr."""
    known = error if isinstance(error, LandSketchError) else _recognise(error)
    if known is not None:
        return known.to_json()
    traceback.print_exception(error, file=sys.stderr)
    first_line = (str(error).strip().splitlines() or [""])[0]
    return {
        "kind": INTERNAL,
        "message": f"Unexpected {type(error).__name__}: {first_line}".rstrip(": ") + ".",
        "hint": "This is a defect of LandSketch; the log of the engine has the details.",
    }


def _recognise(error: BaseException) -> LandSketchError | None:
    """Returns what a failure of the machine means for the user, or None when it is not one of them."""
    if _is_out_of_gpu_memory(error):
        return EngineError("The graphics card has run out of memory.", _MEMORY_HINT + " The CPU works as well.")
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return EngineError("The computer has run out of memory.", _MEMORY_HINT)
    if isinstance(error, OSError):
        return _recognise_os_error(error)
    return None


def _recognise_os_error(error: OSError) -> LandSketchError | None:
    name = f"'{error.filename}'" if error.filename else "a file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(f"The disk is full; {name} could not be written.", "Free some space or write elsewhere.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(f"There is no permission to open or write {name}.", "Choose another folder.")
    if error.errno == errno.ENOENT and error.filename:
        return LandSketchError(f"{name} does not exist.", "Check the path.")
    return None


def _is_out_of_gpu_memory(error: BaseException) -> bool:
    """Recognises torch's error by name, so that failing without torch does not import it."""
    return any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__)
