"""The registry as the JSON file that both sides read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ...core.encoder_registry import EncoderEntry


def as_json(entries: Sequence[EncoderEntry]) -> str:
    """Returns the text of `core/encoders.json`: one line for each list of names or numbers."""
    text = json.dumps([entry.to_json() for entry in entries], ensure_ascii=False, indent=1)
    one_line = re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s*\n\s*", " ", found.group()), text)
    return re.sub(r"\[ | \]", lambda found: found.group().strip(), one_line) + "\n"
