"""Sensor profiles: what the bands of a raster are, and how its layer is recognised.

Standard library only, so that the QGIS side names a mismatch before anything runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Dict, List, Optional, Sequence, Tuple

from .errors import SceneError

AUTO = "auto"
GENERIC = "generic"

UNUSED = "-"
"""Stands among stated band names for a band of the file that is not used."""

MANY_BANDS = 16
"""More band names than this are not listed."""


@dataclass(frozen=True)
class Band:
    """A band: canonical name, centre wavelength in micrometres (None for radar), GSD in metres, other names."""

    name: str
    wavelength: Optional[float]
    gsd: float
    aliases: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Sensor:
    """A sensor profile.

    Attributes:
        id: The stable id used in specs and cards.
        title: The name shown to people.
        role: `optical`, `sar` or `embedding`.
        units: Canonical units of its values in the engine (see `core.units`).
        bands: All its bands, in the order of the product.
        orders: Band orders in which files without band names are commonly written, by band count.
        pattern: Matches file names of the sensor.
        numbered: Letter before the numbers of its bands, where there may be any number of bands.
    """

    id: str
    title: str
    role: str
    units: str
    bands: Tuple[Band, ...]
    orders: Tuple[Tuple[str, ...], ...] = ()
    pattern: str = ""
    numbered: str = ""

    @property
    def names(self) -> Tuple[str, ...]:
        """Canonical band names in product order."""
        return tuple(band.name for band in self.bands)

    def canonical(self, description: str) -> Optional[str]:
        """Returns the canonical name for a band description such as 'B8', 'b08 (nir)' or 'Red', or None."""
        if self.numbered:
            return description if re.fullmatch(rf"{self.numbered}\d{{3,}}", description) else None
        words = [_key(description)] + [_key(word) for word in re.split(r"[\s,;:()\[\]/_-]+", description) if word]
        for word in words:
            for band in self.bands:
                if word in {_key(band.name), *map(_key, band.aliases)}:
                    return band.name
        return None


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Lower case without separators and zero padding: 'B08', 'b8' and 'Band 8' are one band."""
    text = re.sub(r"[\s_.-]+", "", name.lower())
    text = re.sub(r"^(sr|toa|boa|refl)(?=b\d)", "", text)
    text = re.sub(r"^band(?=\d)", "b", text)
    return re.sub(r"^b0+(?=\d)", "b", text)


_S2_BANDS = (
    Band("B01", 0.443, 60, ("coastal", "coastal aerosol", "aerosol")),
    Band("B02", 0.492, 10, ("blue",)),
    Band("B03", 0.560, 10, ("green",)),
    Band("B04", 0.665, 10, ("red",)),
    Band("B05", 0.704, 20, ("rededge1", "re1", "vegetation red edge 1")),
    Band("B06", 0.741, 20, ("rededge2", "re2", "vegetation red edge 2")),
    Band("B07", 0.783, 20, ("rededge3", "re3", "vegetation red edge 3")),
    Band("B08", 0.833, 10, ("nir", "nir1", "near infrared")),
    Band("B8A", 0.865, 20, ("nir08", "narrow nir", "nnir", "rededge4")),
    Band("B09", 0.945, 60, ("nir09", "water vapour", "water vapor")),
    Band("B10", 1.374, 60, ("cirrus",)),
    Band("B11", 1.614, 20, ("swir16", "swir1", "swir 1")),
    Band("B12", 2.202, 20, ("swir22", "swir2", "swir 2")),
)
_S2_13 = tuple(band.name for band in _S2_BANDS)
_S2_12 = tuple(name for name in _S2_13 if name != "B10")
_S2_10 = tuple(name for name in _S2_12 if name not in ("B01", "B09"))
_S2_4 = ("B02", "B03", "B04", "B08")

_OLI_BANDS = (
    Band("B1", 0.443, 30, ("coastal", "coastal aerosol")),
    Band("B2", 0.482, 30, ("blue",)),
    Band("B3", 0.561, 30, ("green",)),
    Band("B4", 0.655, 30, ("red",)),
    Band("B5", 0.865, 30, ("nir", "nir08")),
    Band("B6", 1.609, 30, ("swir1", "swir16")),
    Band("B7", 2.201, 30, ("swir2", "swir22")),
    Band("B8", 0.590, 15, ("pan", "panchromatic")),
    Band("B9", 1.373, 30, ("cirrus",)),
    Band("B10", 10.90, 100, ("tir1", "lwir11")),
    Band("B11", 12.00, 100, ("tir2", "lwir12")),
)
_ETM_BANDS = (
    Band("B1", 0.483, 30, ("blue",)),
    Band("B2", 0.560, 30, ("green",)),
    Band("B3", 0.662, 30, ("red",)),
    Band("B4", 0.835, 30, ("nir", "nir08")),
    Band("B5", 1.648, 30, ("swir1", "swir16")),
    Band("B6", 11.34, 60, ("thermal", "lwir", "B6T", "B6_VCID_1")),
    Band("B7", 2.206, 30, ("swir2", "swir22")),
    Band("B8", 0.706, 15, ("pan", "panchromatic")),
)
_AERIAL_BANDS = (
    Band("red", 0.66, 0.2, ("r", "band 1 (red)")),
    Band("green", 0.56, 0.2, ("g",)),
    Band("blue", 0.49, 0.2, ("b",)),
    Band("nir", 0.83, 0.2, ("n", "ir", "near infrared")),
)
_S1_BANDS = (Band("VV", None, 10, ("sigma0_vv", "gamma0_vv")), Band("VH", None, 10, ("sigma0_vh", "gamma0_vh")))
_ALPHAEARTH_BANDS = tuple(Band(f"A{i:02d}", None, 10) for i in range(64))
_TESSERA_BANDS = tuple(Band(f"T{i:03d}", None, 10, (f"tessera_band_{i}",)) for i in range(128))

_S2_PATTERN = r"(^|[^a-z0-9])s(entinel-?)?2[abc]?(?![0-9])"

SENSORS: Dict[str, Sensor] = {
    sensor.id: sensor
    for sensor in (
        Sensor(
            "sentinel-2-l1c", "Sentinel-2 L1C", "optical", "dn", _S2_BANDS,
            (_S2_13, _S2_12, _S2_10, _S2_4), _S2_PATTERN + r".*(l1c|toa)",
        ),
        Sensor(
            "sentinel-2-l2a", "Sentinel-2 L2A", "optical", "dn", _S2_BANDS,
            (_S2_12, _S2_13, _S2_10, _S2_4), _S2_PATTERN,
        ),
        Sensor(
            "landsat-8", "Landsat 8/9", "optical", "raw", _OLI_BANDS,
            (tuple(b.name for b in _OLI_BANDS), ("B1", "B2", "B3", "B4", "B5", "B6", "B7")),
            r"l[co]0[89]_|landsat-?[89]|(^|[^a-z0-9])l8",
        ),
        Sensor(
            "landsat-7", "Landsat 4/5/7", "optical", "raw", _ETM_BANDS,
            (
                tuple(b.name for b in _ETM_BANDS),
                ("B1", "B2", "B3", "B4", "B5", "B6", "B7"),
                ("B1", "B2", "B3", "B4", "B5", "B7"),
            ),
            r"l[et]0[457]_|landsat-?[457]|(^|[^a-z0-9])(etm|tm)[^a-z]",
        ),
        Sensor(
            "aerial", "Aerial RGB(IR)", "optical", "raw", _AERIAL_BANDS,
            (("red", "green", "blue", "nir"), ("red", "green", "blue")), r"naip|ortho|aerial",
        ),
        Sensor("sentinel-1-grd", "Sentinel-1 GRD", "sar", "db", _S1_BANDS, (("VV", "VH"), ("VV",)), r"grd"),
        Sensor(
            "sentinel-1-rtc", "Sentinel-1 RTC", "sar", "db", _S1_BANDS, (("VV", "VH"), ("VV",)),
            r"rtc|gamma0|(^|[^a-z0-9])s(entinel-?)?1[abc]?(?![0-9])",
        ),
        Sensor(
            "alphaearth", "AlphaEarth embeddings", "embedding", "raw", _ALPHAEARTH_BANDS,
            (tuple(band.name for band in _ALPHAEARTH_BANDS),), r"alpha-?earth|(^|[^a-z0-9])aef([^a-z0-9]|$)",
        ),
        Sensor(
            "tessera", "Tessera embeddings", "embedding", "raw", _TESSERA_BANDS,
            (tuple(band.name for band in _TESSERA_BANDS),), r"tessera",
        ),
        Sensor("landsketch-embedding", "LandSketch embeddings", "embedding", "raw", (), numbered="E"),
    )
}  # fmt: skip
"""All named sensors. `generic` has no profile: its bands keep their descriptions, or are numbered."""

DEFAULT_SENSOR = {"sar": "sentinel-1-grd"}

OPTICAL_CHOICES: Dict[str, Tuple[str, ...]] = {
    "auto": (AUTO,),
    "Sentinel-2 L1C": ("sentinel-2-l1c",),
    "Sentinel-2 L2A": ("sentinel-2-l2a",),
    "Landsat": ("landsat-8", "landsat-7"),
    "Landsat 8/9": ("landsat-8",),
    "Landsat 4/5/7": ("landsat-7",),
    "aerial": ("aerial",),
    "generic": (GENERIC,),
}
"""What the OPTICAL_SENSOR parameter offers, each with the sensor ids it stands for."""

EMBEDDING_CHOICES: Dict[str, str] = {
    "auto": AUTO,
    "AlphaEarth": "alphaearth",
    "Tessera": "tessera",
    "LandSketch": "landsketch-embedding",
    "generic": GENERIC,
}
"""What the EMBEDDING_KIND parameter offers, each with its sensor id."""

OPTICAL_UNIT_CHOICES: Dict[str, str] = {"auto": AUTO, "dn": "dn", "reflectance": "reflectance"}
"""What the OPTICAL_UNITS parameter offers, each with its units id."""

SAR_UNIT_CHOICES: Dict[str, str] = {"auto": AUTO, "dB": "db", "linear": "linear"}
"""What the SAR_UNITS parameter offers, each with its units id."""


@dataclass(frozen=True)
class BandMatch:
    """What a raster's bands were taken for: the sensor's id and one canonical name per file band.

    A file band that the sensor does not know has the name '' and is not used.

    Attributes:
        maker: For embeddings, which encoder or version made them (`core.embedding_tags`); empty: the file does not say.
    """

    sensor: str
    bands: Tuple[str, ...]
    maker: str = ""

    def index(self, band: str) -> int:
        """Returns the 0-based position of a canonical band in the file."""
        return self.bands.index(band)


def match_bands(
    role: str,
    descriptions: Sequence[str],
    file_name: str,
    sensor: str = AUTO,
    bands: Sequence[str] = (),
) -> BandMatch:
    """Matches the bands of a raster to a sensor: named bands first, then descriptions, then the usual orders.

    Args:
        role: `optical`, `sar` or `embedding`.
        descriptions: One band description per file band, '' where the file has none.
        file_name: Name (or path) of the file; only its last part is looked at.
        sensor: A sensor id, `generic`, or `auto`.
        bands: Canonical band names in file order as the user states them, `UNUSED` for those to leave out; or empty.

    Raises:
        SceneError: If the bands do not fit the sensor.
    """
    name = re.split(r"[/\\]", file_name)[-1]
    candidates = [sensor] if sensor != AUTO else _candidates(role, descriptions, name)
    problems = []
    for candidate in candidates:
        try:
            return BandMatch(candidate, _names(candidate, descriptions, name, bands))
        except SceneError as error:
            problems.append(error)
    raise problems[0]


def _candidates(role: str, descriptions: Sequence[str], name: str) -> Tuple[str, ...]:
    """Sensor ids to try for a layer, most specific first."""
    profiles = [profile for profile in SENSORS.values() if profile.role == role]
    named = [p.id for p in profiles if p.pattern and re.search(p.pattern, name.lower())]
    described = [p.id for p in profiles if _described(p, descriptions)]
    # A sensor both named by the file and confirmed by its descriptions wins; a file name alone comes next.
    first = [p for p in named if p in described] or (named if not any(descriptions) else [])
    if role == "sar":
        return tuple(dict.fromkeys([*first, *named, *described, DEFAULT_SENSOR["sar"]]))
    if role == "embedding":
        counted = [p.id for p in profiles if len(p.bands) == len(descriptions) and not any(descriptions)]
        return tuple(dict.fromkeys([*described, *first, *counted, GENERIC]))
    by_names = _sensor_of_descriptions(descriptions, described)
    by_count = (
        ("sentinel-2-l1c",) if len(descriptions) == 13 else ("sentinel-2-l2a",) if len(descriptions) == 12 else ()
    )
    guesses = [*first, *by_names, *(by_count if not any(descriptions) else ())]
    return tuple(dict.fromkeys([*guesses, GENERIC]))


def _described(profile: Sensor, descriptions: Sequence[str]) -> bool:
    """Whether every described band is one of the profile's, without repetition."""
    names = [profile.canonical(text) for text in descriptions if text]
    return bool(names) and all(names) and len(set(names)) == len(names)


def _sensor_of_descriptions(descriptions: Sequence[str], described: Sequence[str]) -> Tuple[str, ...]:
    """Decides between profiles that share band names: B8A or zero padding is Sentinel-2, colours alone are aerial."""
    text = " ".join(descriptions).lower()
    if re.search(r"\bb0?8a\b|\bb0[1-9]\b", text):
        return ("sentinel-2-l1c",) if re.search(r"\bb10\b", text) else ("sentinel-2-l2a",)
    if "aerial" in described and re.search(r"red|green|blue", text):
        return ("aerial",)
    return tuple(described)


def _names(sensor: str, descriptions: Sequence[str], name: str, bands: Sequence[str]) -> Tuple[str, ...]:
    if bands:
        return _stated(sensor, descriptions, name, bands)
    if sensor == GENERIC:
        return tuple(text.strip() or f"band {i + 1}" for i, text in enumerate(_unique(descriptions)))
    profile = SENSORS[sensor]
    if profile.numbered and not any(descriptions):
        return tuple(f"{profile.numbered}{i:03d}" for i in range(len(descriptions)))
    canonical = [profile.canonical(text) if text else None for text in descriptions]
    known = [band for band in canonical if band]
    if known and len(set(known)) == len(known):
        return tuple(band or "" for band in canonical)
    for order in profile.orders:
        if len(order) == len(descriptions):
            return order
    counts = ", ".join(f"{len(order)} ({in_short(order)})" for order in profile.orders) or "bands of its own"
    raise SceneError(
        f"Layer '{name}' has {len(descriptions)} bands without known band names; {profile.title} is expected with "
        f"{counts}.",
        "Choose another sensor ('generic' takes any bands), or state the band names.",
    )


def in_short(bands: Sequence[str]) -> str:
    """Returns band names for people; of many, the first and the last."""
    return " ".join(bands) if len(bands) <= MANY_BANDS else f"{bands[0]} to {bands[-1]}"


def _stated(sensor: str, descriptions: Sequence[str], name: str, bands: Sequence[str]) -> Tuple[str, ...]:
    if len(bands) != len(descriptions):
        raise SceneError(
            f"Layer '{name}' has {len(descriptions)} bands, but {len(bands)} band names are stated: "
            f"{', '.join(bands)}.",
            "State one name for each band, in the order of the file.",
        )
    used = ["" if band == UNUSED else band for band in bands]
    names: List[Optional[str]] = list(used)
    if sensor != GENERIC:
        names = [SENSORS[sensor].canonical(band) if band else "" for band in used]
    if not any(used):
        raise SceneError(f"No band of layer '{name}' is used.", "State the names of those to use.")
    twice = [band for band in dict.fromkeys(names) if band and names.count(band) > 1]
    if twice:
        raise SceneError(
            f"Band names {', '.join(twice)} of layer '{name}' are stated more than once.",
            f"State each once, and '{UNUSED}' for bands to leave out.",
        )
    if sensor == GENERIC:
        return tuple(used)
    profile = SENSORS[sensor]
    unknown = [band for band, canonical in zip(bands, names) if canonical is None]
    if unknown:
        raise SceneError(
            f"Band names {', '.join(unknown)} of layer '{name}' are not bands of {profile.title}.",
            f"Its bands are {', '.join(profile.names)}.",
        )
    return tuple(band or "" for band in names)


def _unique(descriptions: Sequence[str]) -> Tuple[str, ...]:
    """Drops descriptions that repeat, which would make two bands one."""
    return tuple(text if descriptions.count(text) == 1 else "" for text in list(descriptions))
