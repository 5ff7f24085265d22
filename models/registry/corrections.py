"""Where the transform that a library ships is not what the weights were pretrained with.

An affine mismatch does not crash; it shifts every feature. The entries of the registry take the formula of the
weights' authors; the transform as the library ships it stays available for comparing with the library's own network
(`torchgeo_weights.shipped_normalisation`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...core.cards import Normalisation


@dataclass(frozen=True)
class Correction:
    """What replaces, or completes, a shipped normalisation.

    Attributes:
        source: Where the authors' formula is found.
        note: What the user should know.
        mean: Per band, for 2-sigma scaling; empty: the shipped offset and scale are right.
        std: Per band, for 2-sigma scaling.
    """

    source: str
    note: str
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def applied(self, shipped: Normalisation) -> Normalisation:
        """Returns the authors' normalisation, clipped to 0 to 1 as in pretraining."""
        return two_sigma(self.mean, self.std) if self.mean else replace(shipped, clip=(0.0, 1.0))


def two_sigma(mean: tuple[float, ...], std: tuple[float, ...]) -> Normalisation:
    """Returns (x − (μ − 2σ)) / 4σ, clipped to 0 to 1."""
    offset = tuple(m - 2 * s for m, s in zip(mean, std, strict=True))
    return Normalisation("2-sigma", offset, tuple(4 * s for s in std), (0.0, 1.0))


_TWO_SIGMA_NOTE = (
    "Scaled as its authors did in pretraining, (x − (μ − 2σ)) / 4σ clipped to 0 to 1; torchgeo ships a z-score, which "
    "differs from that by a factor of 4 and a shift of 2."
)
_CLIP_NOTE = "Clipped to 0 to 1 as in pretraining; torchgeo does not clip."

SSL4EO_S12_S1 = Correction(
    "github.com/zhu-xlab/SSL4EO-S12, data sets of the pretraining; taken over by DeCUR and SoftCon",
    _TWO_SIGMA_NOTE,
    (-12.54847273, -20.19237134),
    (5.25697717, 5.91150917),
)
SSL4EO_S12_S2 = Correction(
    "github.com/zhu-xlab/SSL4EO-S12, README: '13 bands of S2-L1C ... input clip to [0,1] by dividing 10000'",
    _CLIP_NOTE,
)
SOFTCON_S2 = Correction(
    "github.com/zhu-xlab/softcon, README; github.com/zhu-xlab/Copernicus-FM, Copernicus-Bench, norm_form: softcon",
    _TWO_SIGMA_NOTE,
    (
        1605.57504906, 1390.78157673, 1314.8729939, 1363.52445545, 1549.44374991, 2091.74883118, 2371.7172463,
        2299.90463006, 2560.29504086, 830.06605044, 22.10351321, 2177.07172323, 1524.06546312,
    ),
    (
        786.78685367, 850.34818441, 875.06484736, 1138.84957046, 1122.17775652, 1161.59187054, 1274.39184232,
        1248.42891965, 1345.52684884, 577.31607053, 51.15431158, 1336.09932639, 1136.53823676,
    ),
)  # fmt: skip
SATLAS = Correction(
    "github.com/allenai/satlas, Normalization.md: 'All bands are normalized to 0-1'",
    _CLIP_NOTE,
)

CORRECTIONS: dict[str, Correction] = {
    "ssl4eo-s12 s1": SSL4EO_S12_S1,
    "ssl4eo-s12 s2": SSL4EO_S12_S2,
    "fg-mae s1": SSL4EO_S12_S1,
    "fg-mae s2": SSL4EO_S12_S2,
    "decur s1": SSL4EO_S12_S1,
    "decur s2": SSL4EO_S12_S2,
    "softcon s1": SSL4EO_S12_S1,
    "softcon s2": SOFTCON_S2,
    "satlas s2": SATLAS,
    "satlas aerial": SATLAS,
    "satlas landsat8": SATLAS,
}
"""By family and sensor, as in the ids."""
