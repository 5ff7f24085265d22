"""From a STAC item to the bands and the mask of an image.

Our own items say all of it. Those of others are read by what is common: bands in `eo:bands` or `bands`, or named by
their asset; the sensor by collection, constellation and platform; masks by the asset's name. Standard library only.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .errors import SceneError
from .sensors import AUTO, GENERIC, SENSORS, match_bands
from .stack_items import PREFIX, StackBand, StackItem, StackMask, absolute, is_web

MASK_ASSETS = {"scl": "scl", "qa60": "qa60", "qa_pixel": "qa_pixel", "udm2": "udm2", "fmask": "hls_fmask"}
"""Names under which public catalogues file masks, with their kind."""

_NOT_DATA = {"thumbnail", "overview", "visual", "metadata"}

_Named = Tuple[str, Dict[str, Any]]
"""An asset with its key."""


def item_of(feature: Dict[str, Any], folder: str, where: str, day: str) -> StackItem:
    """Returns what a STAC item says.

    Args:
        feature: The item.
        folder: Of the stack file.
        where: The item and the file, for errors.
        day: Its date.

    Raises:
        SceneError: If it has no band in a file on this machine, or contradicts itself.
    """
    properties = feature["properties"]
    assets = _data_assets(feature, where)
    local = [(key, asset) for key, asset in assets if not is_web(asset["href"])]
    bands = [band for key, asset in local for band in _bands_of(key, asset, folder)]
    sensor = str(properties.get(PREFIX + "sensor") or "") or _sensor_of(feature, bands)
    if sensor not in (GENERIC, *SENSORS):
        raise SceneError(f"{where} has the unknown sensor '{sensor}'.", f"Known: {', '.join(SENSORS)}, {GENERIC}.")
    known = _canonical(sensor, bands)
    if not known:
        if assets and not local:
            raise SceneError(f"The images of {_inside(where)} lie on the web.", "Save them first, with local paths.")
        raise SceneError(f"{where} has no assets with named bands.", "Name them in 'eo:bands'.")
    return StackItem(
        id=str(feature.get("id") or day),
        date=day,
        role=SENSORS[sensor].role if sensor in SENSORS else str(properties.get(PREFIX + "role") or "optical"),
        sensor=sensor,
        units=str(properties.get(PREFIX + "units") or AUTO),
        offset=_offset(properties, sensor, where),
        bands=known,
        mask=_mask_of(feature, folder),
        clear=_share(properties),
        dropped=str(properties.get(PREFIX + "dropped") or ""),
        bounds=_bounds(feature.get("bbox")),
    )


def _inside(where: str) -> str:
    return where[0].lower() + where[1:]


def _data_assets(feature: Dict[str, Any], where: str) -> List[_Named]:
    """Returns the assets that hold bands: not those for viewing, nor masks."""
    assets = feature.get("assets")
    if not isinstance(assets, dict) or not assets:
        raise SceneError(f"{where} has no assets.", "Each item needs the files with its bands.")
    if any(not isinstance(asset, dict) or not isinstance(asset.get("href"), str) for asset in assets.values()):
        raise SceneError(f"{where} has an asset without a path ('href').")
    return [
        (key, asset)
        for key, asset in assets.items()
        if not _NOT_DATA & set(asset.get("roles") or ()) and not _mask_kind(key, asset)
    ]


def _bands_of(key: str, asset: Dict[str, Any], folder: str) -> List[StackBand]:
    """Returns the bands of an asset under the names it gives them, or under its own where it gives none."""
    listed = [band for band in asset.get("eo:bands") or asset.get("bands") or () if isinstance(band, dict)]
    names = [
        str(band.get("name") or band.get("common_name") or band.get("eo:common_name") or "") for band in listed
    ] or [key]
    indexes = asset.get(PREFIX + "indexes") or range(1, len(names) + 1)
    path = absolute(asset["href"], folder)
    return [StackBand(name, path, int(index)) for name, index in zip(names, indexes) if name]


def _canonical(sensor: str, bands: Sequence[StackBand]) -> Tuple[StackBand, ...]:
    """Returns the bands that the sensor has, under its names; of several files with one band, the first."""
    found: Dict[str, StackBand] = {}
    for band in bands:
        name = SENSORS[sensor].canonical(band.name) if sensor in SENSORS else band.name
        if name:
            found.setdefault(name, StackBand(name, band.path, band.index))
    order = SENSORS[sensor].names if sensor in SENSORS else ()
    return tuple(sorted(found.values(), key=lambda band: order.index(band.name) if band.name in order else 0))


def _sensor_of(feature: Dict[str, Any], bands: Sequence[StackBand]) -> str:
    """Guesses the sensor of an item that does not say it in our words."""
    properties = feature["properties"]
    words = [feature.get("collection"), *(properties.get(name) for name in ("constellation", "platform"))]
    instruments = properties.get("instruments") or ()
    text = " ".join(str(word) for word in [*words, *instruments, feature.get("id")] if word).lower()
    if re.search(r"sentinel-?_?2|(^|\W)s2[abc]_|hlss30", text):
        return "sentinel-2-l1c" if re.search(r"l1c|level-?1", text) else "sentinel-2-l2a"
    if re.search(r"sentinel-?_?1|(^|\W)s1[abc]_", text):
        return "sentinel-1-rtc" if "rtc" in text else "sentinel-1-grd"
    if re.search(r"landsat[-_ ]?[89]|(^|\W)l[co]0[89]_|hlsl30", text):
        return "landsat-8"
    if re.search(r"landsat[-_ ]?[457]|(^|\W)l[et]0[457]_", text):
        return "landsat-7"
    role = "sar" if "sar:polarizations" in properties or "sar:instrument_mode" in properties else "optical"
    try:
        return match_bands(role, [band.name for band in bands], text).sensor if bands else GENERIC
    except SceneError:
        return GENERIC


def _offset(properties: Dict[str, Any], sensor: str, where: str) -> Optional[float]:
    """Returns the offset of Sentinel-2 values: stated, or told by the processing baseline."""
    stated = properties.get(PREFIX + "offset")
    if isinstance(stated, (int, float)):
        return float(stated)
    if stated is not None:
        raise SceneError(f"{where} has the offset '{stated}'; a number is expected.")
    if not sensor.startswith("sentinel-2"):
        return None
    if properties.get("earthsearch:boa_offset_applied"):
        return 0.0
    baseline = properties.get("s2:processing_baseline") or properties.get("processing:version")
    if not re.fullmatch(r"\d\d\.\d\d", str(baseline)):
        return None
    return 1000.0 if str(baseline) >= "04.00" else 0.0


def _share(properties: Dict[str, Any]) -> Optional[float]:
    """Returns the share of clear pixels."""
    clear, cloudy = properties.get(PREFIX + "clear"), properties.get("eo:cloud_cover")
    if isinstance(clear, (int, float)):
        return float(clear)
    return 1 - min(max(float(cloudy), 0.0), 100.0) / 100 if isinstance(cloudy, (int, float)) else None


def _bounds(box: Any) -> Optional[Tuple[float, float, float, float]]:
    """Returns west, south, east and north of a bounding box, which may have heights, too."""
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(isinstance(v, (int, float)) for v in box):
        return None
    half = len(box) // 2
    return float(box[0]), float(box[1]), float(box[half]), float(box[half + 1])


def _mask_of(feature: Dict[str, Any], folder: str) -> Optional[StackMask]:
    for key, asset in feature["assets"].items():
        kind = _mask_kind(key, asset)
        if kind and not is_web(asset["href"]):
            index = int((asset.get(PREFIX + "indexes") or (1,))[0])
            return StackMask(absolute(asset["href"], folder), index, kind)
    return None


def _mask_kind(key: str, asset: Dict[str, Any]) -> str:
    return str(asset.get(PREFIX + "mask") or MASK_ASSETS.get(key.lower(), ""))
