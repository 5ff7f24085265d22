"""Why an installation failed, in words for the user, from what the installers print."""

from __future__ import annotations

import re
from typing import Tuple

from ..core.errors import EngineError

_TAIL_LINES = 15

_CAUSES: Tuple[Tuple[str, str, str], ...] = (
    (
        r"No space left on device|os error 28\b|Errno 28\b|not enough space on the disk|os error 112\b|Disk quota",
        "The disk is full.",
        "Free some space, or set the variable LANDSKETCH_HOME to a folder on another disk.",
    ),
    (
        r"ensurepip is not available|No module named '?(venv|ensurepip)",
        "QGIS's Python cannot make virtual environments: its 'venv' module is missing.",
        "On Debian and Ubuntu, run: sudo apt install python3-venv",
    ),
    (
        r"407 Proxy|Proxy Authentication",
        "The proxy wants a user name and a password.",
        "Write them before the proxy's address in the variable HTTPS_PROXY, and start QGIS again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|SSLError|certificate verify failed",
        "The connection's certificate was not accepted; often a company's firewall replaces it.",
        "Set the variable SSL_CERT_FILE to your company's certificate file, and UV_SYSTEM_CERTS to true.",
    ),
    (
        r"hashes? (do|did|does) not match|Hash mismatch|THESE PACKAGES DO NOT MATCH THE HASHES",
        "A download is not the file that LandSketch was tested with.",
        "Try again; if it happens again, a proxy or mirror changes files.",
    ),
    (
        r"not found in the provided package locations|was not found in the cache|--no-index|"
        r"No matching distribution|No solution found|has no wheels with a matching",
        "A package was not found for this system and Python.",
        "An offline wheel folder (LANDSKETCH_WHEELS) must hold every file of requirements/engine.lock; otherwise the "
        "engine needs 64-bit Linux, Windows or an Apple-silicon Mac.",
    ),
    (
        r"Failed to fetch|error sending request|dns error|Name or service not known|Temporary failure in name|"
        r"Connection (refused|reset|timed out)|timed out|NewConnectionError|Could not connect|Network is unreachable|"
        r"getaddrinfo failed",
        "The packages could not be downloaded.",
        "Check the internet connection and the proxy (variable HTTPS_PROXY), and try again; downloads are kept.",
    ),
    (
        r"Permission denied|Access is denied|os error (5|13)\b|Errno 13\b|Read-only file system",
        "There is no permission to write.",
        "A virus scanner may hold a file: try again. Or set LANDSKETCH_HOME to a folder of your own.",
    ),
    (
        r"ImportError|DLL load failed|cannot open shared object|GLIBC",
        "The packages were installed, but do not run on this system.",
        "On Windows, install the Visual C++ redistributable; on Linux, glibc 2.28 or later is needed.",
    ),
)
"""Pattern in the installer's output, message, hint; the first that matches counts."""


def explain(output: str) -> EngineError:
    """Returns the error for the output of an installer that failed."""
    tail = "\n".join(without_credentials(output).strip().splitlines()[-_TAIL_LINES:])
    for pattern, message, hint in _CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return EngineError(f"The engine could not be installed. {message}", f"{hint}\n{tail}")
    return EngineError("The engine could not be installed.", f"The installer said:\n{tail}")


def without_credentials(text: str) -> str:
    """Returns a text without user names and passwords from addresses: reports are copied into public issues."""
    return re.sub(r"://[^/\s@]+@", "://...@", text)
