"""One checkpoint of the manager: where it is, what its card says, and in which state it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional

from ...algorithms.text import Number, tr
from ...core.card_words import role
from ...core.cards import ANY_SENSOR, BY_POSITION, SUFFIX, Card, SourceCard
from ...core.encoder_registry import EncoderEntry
from ...core.onnx_card import ONNX_SUFFIX
from ...core.sensors import SENSORS

BUNDLED = "bundled"
LOCAL = "local"
UNREADABLE = "unreadable"
MISSING = "missing"
DOWNLOADABLE = "downloadable"
STATES = (BUNDLED, LOCAL, UNREADABLE, MISSING, DOWNLOADABLE)
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Entry:
    """A checkpoint.

    Attributes:
        name: File name, or the id of what can be downloaded.
        state: One of `STATES`.
        path: The file; empty: it is not on this machine.
        size: In bytes; 0: unknown.
        card: What the file says of itself, or what the registry says of it; None where it cannot be read.
        problem: Why it cannot be used; empty: it can.
        published: What the registry says of it; None for files.
        added: Whether the user added it from outside the folder of checkpoints.
    """

    name: str
    state: str
    path: str = ""
    size: int = 0
    card: Optional[Card] = None
    problem: str = ""
    published: Optional[EncoderEntry] = None
    added: bool = False

    @property
    def key(self) -> str:
        """Tells it from all others, also after the folder has been read again."""
        return self.path or self.name

    @property
    def licence(self) -> str:
        """Licence of the weights; empty: not known."""
        if self.published is not None:
            return self.published.licence
        return str(self.card.provenance.get("licence") or "") if self.card is not None else ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file that can be used."""
        return self.state in (BUNDLED, LOCAL)

    @property
    def can_start(self) -> bool:
        """Whether a fine-tuning or a sketch can start from it."""
        return self.is_file and self.path.lower().endswith(SUFFIX)

    @property
    def classifies(self) -> bool:
        """Whether it knows classes."""
        return self.is_file and self.card is not None and self.card.legend is not None

    @property
    def can_be_exported(self) -> bool:
        """Whether an ONNX network can be made of it."""
        return self.can_start and self.classifies and self.card is not None and not self.card.classifies_scenes


def state_words() -> Dict[str, str]:
    """Returns the states as people say them."""
    return {
        BUNDLED: tr("bundled"),
        LOCAL: tr("local"),
        UNREADABLE: tr("unreadable"),
        MISSING: tr("missing"),
        DOWNLOADABLE: tr("downloadable"),
    }


def kind(entry: Entry) -> str:
    """Returns what it is, by its card."""
    card = entry.card
    if card is None:
        return ""
    if card.legend is None:
        what = tr("encoder")
    elif card.classifies_scenes:
        what = tr("patch classifier")
    elif str(card.provenance.get("method", "")).startswith("clustered"):
        what = tr("clusters")
    else:
        what = tr("classifier")
    return tr("{kind} (ONNX)").format(kind=what) if entry.path.lower().endswith(ONNX_SUFFIX) else str(what)


def sensors(entry: Entry) -> str:
    """Returns what it reads in short, such as 'S2 L2A (10), S1 RTC (2)'."""
    sources = entry.card.sources if entry.card is not None else ()
    return ", ".join(_source(source).replace("Sentinel-", "S") for source in sources)


def bands(entry: Entry) -> str:
    """Returns what it reads with all bands, one source in a line."""
    sources = entry.card.sources if entry.card is not None else ()
    return "\n".join(f"{_source(source)}: {' '.join(source.bands)}" if source.bands else _source(source)
                     for source in sources)  # fmt: skip


def size(count: int) -> str:
    """Returns a number of bytes as people say it; empty where it is not known."""
    if not count:
        return ""
    for unit, most in (("B", 1e3), ("kB", 1e6), ("MB", 1e9)):
        if count < most:
            value = Number(count / (most / 1e3))
            return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"
    return f"{Number(count / 1e9):.1f} GB"


def _source(source: SourceCard) -> str:
    if source.sensor in SENSORS:
        name = SENSORS[source.sensor].title
    elif source.sensor == ANY_SENSOR:
        name = tr("any {role} sensor").format(role=role(source))
    elif source.sensor == BY_POSITION:
        name = tr("any raster")
    else:
        name = tr("generic raster")
    if source.dates:
        return f"{name} ({len(source.bands)} × {len(source.dates)})"
    return f"{name} ({len(source.bands)})" if source.bands else str(name)
