"""How the threads of torch wait for each other; to be said before torch is imported."""

from __future__ import annotations

import os

_SETTINGS = {
    "OMP_WAIT_POLICY": "passive",  # OpenMP of macOS and Windows
    "GOMP_SPINCOUNT": "100",  # OpenMP of Linux, where this goes before the policy
}
"""Threads that spin while they wait take the cores from those that they wait for, as soon as another program wants a
core too, such as QGIS drawing: on two cores, training steps then take 2 to 20 times as long. A short spin costs nothing
that can be measured on an idle machine; none at all up to twice the time where layers are small."""


def share_cores() -> None:
    """Has waiting threads give their core away; settings from outside stay as they are."""
    if not any(name in os.environ for name in _SETTINGS):
        os.environ.update(_SETTINGS)
