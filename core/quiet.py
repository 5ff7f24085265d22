"""Keeps libraries from talking past the user."""

from __future__ import annotations

import logging
import warnings


def quiet_lightning() -> None:
    """Lightning's notes on loaders and hardware are for its developers; ours say what the user needs."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning.*")
    warnings.filterwarnings("ignore", message=".*(does not have many workers|isinstance.treespec).*")
