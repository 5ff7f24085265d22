"""The log file of the last installation: what to read, and to send to somebody, where it has failed."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Callable, Iterator

from .install_errors import without_credentials

OnLine = Callable[[str], None]

_NAME = "install.log"
_TAIL_LINES = 60


@contextlib.contextmanager
def install_log(folder: str, on_line: OnLine) -> Iterator[OnLine]:
    """Gives what takes the lines of an installation and keeps them in a file too, with how it failed.

    Args:
        folder: Of the log files; made if absent.
        on_line: Takes each line as well.
    """
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, _NAME), "w", encoding="utf-8", buffering=1) as file:

        def tell(line: str) -> None:
            with contextlib.suppress(OSError):  # a full disk is explained by the installer
                file.write(without_credentials(line) + "\n")
            on_line(line)

        tell(time.strftime("%Y-%m-%d %H:%M:%S"))
        try:
            yield tell
        except BaseException as error:
            with contextlib.suppress(OSError):
                file.write(f"{type(error).__name__}: {error}\n")
            raise


def last_installation(folder: str) -> str:
    """Returns the end of the log of the last installation; empty where there was none."""
    try:
        with open(os.path.join(folder, _NAME), encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-_TAIL_LINES:])
    except OSError:
        return ""
