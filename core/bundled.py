"""The encoder that comes with LandSketch: the default, so that the first map needs no download.

It is a Galileo-nano of one token a place (`models.encoders.merged_galileo`), which Galileo-nano itself has taught what
it makes of Sentinel-1 and Sentinel-2 images (`benchmarks/pretrain_bundled.py`).
"""

from __future__ import annotations

from .card_files import BUNDLED as BUNDLED
from .card_files import read_card
from .cards import SourceCard, family
from .scenes import Scene, Source

_LEAST_SHARE = 0.4
"""Of its bands that a source must have: Sentinel-2's four of 10 m are enough (`benchmarks/fewlabels.py`)."""


def bundled_knows(scene: Scene) -> bool:
    """Whether a scene is of the kind that the bundled encoder learned from: Sentinel-1, Sentinel-2, or both."""
    known = {source.role: source for source in read_card(BUNDLED).sources}
    return all(source.role in known and _alike(known[source.role], source) for source in scene.sources)


def _alike(card: SourceCard, source: Source) -> bool:
    common = set(card.bands) & set(source.bands)
    return family(card.sensor) == family(source.match.sensor) and len(common) >= _LEAST_SHARE * len(card.bands)
