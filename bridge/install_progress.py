"""How far an installation is, by what the installers print."""

from __future__ import annotations

import re
from typing import Dict

_BEGUN = re.compile(r"Downloading (\S+) \(([\d.]+)([KMG])iB\)")
_DONE = re.compile(r"Downloaded (\S+)")
_UNITS = {"K": 2.0**10, "M": 2.0**20, "G": 2.0**30}

_RESOLVED, _DOWNLOADED = 0.05, 0.7
_STEPS = (
    (r"Creating virtual environment", 0.03),
    (r"Resolved \d+ packages?", _RESOLVED),
    (r"Prepared \d+ packages?", _DOWNLOADED),
    (r"Installed \d+ packages?", 0.75),
    (r"Bytecode compiled", 0.95),
    (r"Checking the new environment", 0.95),
    (r"The engine is ready", 1.0),
)
"""Line, and the share of the whole that is done when it appears, as measured with a fast connection."""


class InstallProgress:
    """Follows the lines of an installation."""

    def __init__(self) -> None:
        self._sizes: Dict[str, float] = {}
        self._done: Dict[str, float] = {}
        self._share = 0.0

    def after(self, line: str) -> float:
        """Returns the share that is done (0 to 1) after a line; it never falls."""
        begun, done = _BEGUN.search(line), _DONE.search(line)
        if begun:
            self._sizes[begun.group(1)] = float(begun.group(2)) * _UNITS[begun.group(3)]
        elif done and done.group(1) in self._sizes:
            self._done[done.group(1)] = self._sizes[done.group(1)]
            # All downloads begin within the first seconds, small ones that are not printed aside.
            share = sum(self._done.values()) / sum(self._sizes.values())
            self._share = max(self._share, _RESOLVED + (_DOWNLOADED - _RESOLVED) * share)
        else:
            steps = (share for pattern, share in _STEPS if re.search(pattern, line))
            self._share = max(self._share, next(steps, 0.0))
        return self._share
