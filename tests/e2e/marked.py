"""Processes of one session, known by a variable that all of them inherit; read on both sides of QGIS's window."""

import os
import signal

MARK = "LANDSKETCH_E2E"


def processes(task):
    """Returns id and command line of each living process that was started for a task file, QGIS's own among them."""
    wanted = f"{MARK}={task}".encode()
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                marked = wanted in file.read().split(b"\0")
            with open(f"/proc/{name}/cmdline", "rb") as file:
                command = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue  # it has ended, or belongs to somebody else
        if marked and command:  # what has ended and is still to be buried has no command line
            found[int(name)] = command
    return found


def engines(task):
    """Returns the ids of the engine's processes."""
    return sorted(pid for pid, command in processes(task).items() if command.endswith(" worker"))


def send(task, what=signal.SIGKILL):
    """Sends a signal to every process of the engine."""
    for pid in engines(task):
        os.kill(pid, what)
