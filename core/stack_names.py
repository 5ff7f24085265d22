"""What file names say about images: day, sensor, band, and whether a file is a mask.

Names of Sentinel-1 and -2 products and their inner files, Landsat Collection 1 and 2, HLS, FORCE and Planet are known;
of other names, the date is found by its form. Where a name is silent, the folders around the file are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .sensors import GENERIC, SENSORS

_FIRST_YEAR, _FIRST_SATELLITE = 1900, 1972
"""Earlier years are no dates of images; in forms that other numbers take as well, those before Landsat 1 are none."""

_FOLDERS = 3
"""Folders around a file that may tell its date or product."""

MID_MONTH = 15
"""Day that stands for a month, at most half a month off."""

# In the order of how little else they can be. `y` is the year, `m` and `d` month and day, `j` the day of the year.
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)t\d{4,6}(?!\d)",
        r"(?<!\d)(?P<y>\d{4})(?P<j>\d{3})t\d{4,6}(?!\d)",
        r"(?<![a-z0-9])l[cotem][45789]\d{6}(?P<y>\d{4})(?P<j>\d{3})(?=[a-z]{3}\d)",
        r"(?<!\d)(?P<y>\d{4})(?P<s>[-_. ])(?P<m>\d\d)(?P=s)(?P<d>\d\d)(?!\d)",
        r"(?<!\d)(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
        r"(?<![a-z0-9])a?(?P<y>\d{4})(?P<j>\d{3})(?![a-z0-9])",
        r"(?<![a-z0-9])(?P<y>\d{4})[-_.](?P<m>\d\d)(?![a-z0-9])",
        r"(?<![a-z0-9])(?P<y>\d{4})(?P<m>\d\d)(?![a-z0-9])",
    )
)
_LOOSE = 5
"""From this form on, other numbers look alike."""

_S2_LEVEL1 = r"l1c|toa|level-?1"
_SENSOR_NAMES = (
    (r"hls[._]s30|(^|[^a-z0-9])(s(entinel)?[-_]?2[abcd]?|sen2[abcd]?)(?![0-9])|^t\d\d[a-z]{3}_\d{8}t\d{6}_",
     "sentinel-2"),
    (r"(^|[^a-z0-9])s(entinel)?[-_]?1[abcd]?(?![0-9])", "sentinel-1"),
    (r"hls[._]l30|(^|[^a-z0-9])l[co]0?[89](?=[_\d])|lnd0[89]|landsat[-_ ]?[89]", "landsat-8"),
    (r"(^|[^a-z0-9])l[etm]0?[457](?=[_\d])|lnd0[457]|landsat[-_ ]?[457]", "landsat-7"),
    (r"analytic(ms)?_|_(ssc\d|psscene)|(^|[^a-z])planet", GENERIC),
)  # fmt: skip

_MASK_NAMES = (
    (r"(^|[^a-z])scl([^a-z]|$)", "scl"),
    (r"qa_?pixel", "qa_pixel"),
    (r"udm2", "udm2"),
    (r"hls[._].*fmask", "hls_fmask"),
    (r"fmask", "fmask"),
    (r"(^|[^a-z])qai([^a-z]|$)", "force_qai"),
    (r"qa60", "qa60"),
    (r"cld_?prb|cloud_?prob|(^|[^a-z])clp([^a-z]|$)", "probability"),
    (r"cloud_?mask|(^|[^a-z])(cloud|clouds|clm|mask)([^a-z]|$)", "mask"),
)
_BESIDE = (
    r"(^|[._])(tci|pvi|wvp|aot|vis|ang|qlk|preview|quick-?look|thumbnail|browse|[sv][az]a|dst|hot|vzn|ovv|ovw|udm|"
    r"dn_udm|qa_aerosol|qa_radsat|st_(qa|trad|urad|drad|atran|emis|emsd|cdist)|atmos_opacity)([._]|$)|(^|_)msk_"
)
"""Files that come with products and are neither bands nor masks."""

_BAND = re.compile(
    r"(?:^|[_.-])(?:(?:sr|st|toa|boa|ref)_)?(?P<band>b6_vcid_[12]|b\d{1,2}a?|vv|vh|hh|hv|blue|green|red|nir|nir08|"
    r"rededge[123]|swir16|swir22|swir[12]|coastal)(?:[_.-](?P<gsd>\d\d)m)?(?=$|[_.-])",
    re.IGNORECASE,
)
PLANET_ORDERS = {4: ("blue", "green", "red", "nir"),
                 8: ("coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir")}  # fmt: skip
"""Band orders of PlanetScope products (Planet, PlanetScope product specification)."""


@dataclass(frozen=True)
class Named:
    """What a file's name says.

    Attributes:
        date: ISO day; empty: nothing.
        sensor: A sensor id, `generic`, or empty.
        band: Name of its only band; empty: it has several, or the name is silent.
        gsd: Metres, as products with one band at several resolutions write it; 0: silent.
        mask: Kind of the mask that it is; empty: it is none.
        beside: Whether it comes with a product and is neither band nor mask.
        image: The name without band and resolution, the same for all files of an image.
    """

    date: str
    sensor: str
    band: str
    gsd: int
    mask: str
    beside: bool
    image: str

    @property
    def radar(self) -> bool:
        """Whether it says that the image is radar."""
        return bool(self.sensor in SENSORS and SENSORS[self.sensor].role == "sar") or self.band in (
            "VV", "VH", "HH", "HV"
        )  # fmt: skip


def read_name(path: str, latest: date | None = None) -> Named:
    """Reads the name of a file, and of the folders around it where it is silent.

    Args:
        path: With forward slashes or the system's.
        latest: Last day that an image can be of; None: tomorrow, as places east of here may be a day ahead.
    """
    *folders, file = re.split(r"[/\\]", path)
    stem = re.sub(r"\.(tiff?|jp2|vrt|img|nc)$", "", file, flags=re.IGNORECASE)
    around = [file, *reversed(folders[-_FOLDERS:])]
    mask = next((kind for form, kind in _MASK_NAMES if re.search(form, stem, re.IGNORECASE)), "")
    found = None if mask else _last(_BAND, stem)
    rest = stem[: found.start()] + stem[found.end() :] if found else stem
    return Named(
        date=next((day for text in (stem, *around[1:]) if (day := date_in(text, latest))), ""),
        sensor=_sensor(path, stem),
        band=found["band"].upper() if found else "",
        gsd=int(found["gsd"] or 0) if found else 0,
        mask=mask,
        beside=not mask and bool(re.search(_BESIDE, stem, re.IGNORECASE)),
        image=re.sub(r"(?<=-[0-9a-f]{6})-\d{3}$", "", rest, flags=re.IGNORECASE),  # Sentinel-1 numbers its bands
    )


def mask_kind(description: str) -> str:
    """Returns the kind of mask that a band's description says it is; empty: none."""
    if re.search(r"snow|snw", description, re.IGNORECASE):
        return ""
    kind = next((kind for form, kind in _MASK_NAMES if re.search(form, description, re.IGNORECASE)), "")
    return kind if kind != "mask" or re.search(r"cloud", description, re.IGNORECASE) else ""


def date_in(text: str, latest: date | None = None) -> str:
    """Returns the ISO day that a text names; empty: none.

    Of several the first is taken: products name the day of acquisition before that of processing. A month alone is
    its 15th.
    """
    last = latest or date.today() + timedelta(days=1)
    for place, form in enumerate(_DATES):
        first = _FIRST_SATELLITE if place >= _LOOSE else _FIRST_YEAR
        for found in form.finditer(text):
            day = _day(found.groupdict())
            if day and first <= day.year and day <= last:
                return day.isoformat()
    return ""


def tagged_date(tags: Mapping[str, str], latest: date | None = None) -> str:
    """Returns the ISO day that a file's tags name: of acquisition before others; empty: none."""
    keys = [key for key in tags if re.search(r"date|time", key, re.IGNORECASE)]
    keys = [key for key in keys if not re.search(r"creat|process|product(ion)?_?(start|stop|time)|modif", key, re.I)]
    keys.sort(key=lambda key: (not re.search(r"acqui|sens|start", key, re.IGNORECASE), key))
    texts = [tags[key].replace(":", "-", 2) for key in keys]  # TIFFTAG_DATETIME is 2020:05:14 10:00:00
    named = [tags[key] for key in sorted(tags) if re.search(r"product|scene|granule|identifier", key, re.IGNORECASE)]
    return next((day for text in [*texts, *named] if (day := date_in(text, latest))), "")


def dates_of_bands(descriptions: Iterable[str | None], latest: date | None = None) -> tuple[str, ...]:
    """Returns the ISO days that the bands of a file are of; none unless each description names one."""
    days = tuple(date_in(text or "", latest) for text in descriptions)
    return days if len(days) > 1 and all(days) else ()


def _day(parts: Mapping[str, str | None]) -> date | None:
    year = int(parts["y"] or 0)
    try:
        if parts.get("j"):
            day = date(year, 1, 1) + timedelta(days=int(parts["j"] or 0) - 1)
            return day if day.year == year else None
        return date(year, int(parts["m"] or 0), int(parts.get("d") or MID_MONTH))
    except (ValueError, OverflowError):
        return None


def _sensor(path: str, stem: str) -> str:
    product = re.search(r"[^/\\]*\.safe(?=[/\\])", path, re.IGNORECASE)
    texts = [stem, product.group()] if product else [stem]
    for form, sensor in _SENSOR_NAMES:
        if not any(re.search(form, text, re.IGNORECASE) for text in texts):
            continue
        if sensor == "sentinel-2":
            return "sentinel-2-l1c" if re.search(_S2_LEVEL1, " ".join(texts), re.IGNORECASE) else "sentinel-2-l2a"
        if sensor == "sentinel-1":
            return "sentinel-1-grd" if re.search(r"grd(?!.*rtc)", " ".join(texts), re.IGNORECASE) else "sentinel-1-rtc"
        return sensor
    return ""


def _last(form: re.Pattern[str], text: str) -> re.Match[str] | None:
    matches = list(form.finditer(text))
    return matches[-1] if matches else None
