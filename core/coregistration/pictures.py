"""Pictures of a co-registration: a checkerboard of both images before and after, and the shifts as arrows."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw
from rasterio.windows import Window
from scipy.ndimage import shift as moved_by

from .agreement import Evidence, Verdict
from .field import Field
from .matching import Image, evened
from .pair import Pair

CHECKER_SIDE, SQUARES = 160, 8
"""Pixels of the images, and squares along a side, of the checkerboard."""

ENLARGED = 3
ARROWS_WIDTH = 640
_LONGEST_ARROW = 0.9
"""Of the distance between windows."""

_AGREES, _DISAGREES = (38, 150, 84), (200, 84, 40)

Grey = NDArray[np.uint8]


def checkerboards(pair: Pair, evidence: Evidence, verdict: Verdict, field: Field) -> tuple[str, str]:
    """Returns a checkerboard of reference and image as they were, and as they are, as data addresses.

    It shows the ground around the agreeing window in the middle of the others.
    """
    agreeing = evidence.places[verdict.agreeing]
    middle = agreeing[np.square(agreeing - agreeing.mean(axis=0)).sum(axis=1).argmin()]
    side = int(min(CHECKER_SIDE, pair.common.width, pair.common.height))
    row = _within(middle[0] - side / 2, pair.common.row_off, pair.common.height - side)
    column = _within(middle[1] - side / 2, pair.common.col_off, pair.common.width - side)
    (there,) = field(np.array([[row + side / 2, column + side / 2]]))
    # What moves into the picture comes from around it.
    around = evidence.reach
    fixed, moving = (
        _grey(image) for image in pair.read(Window(column - around, row - around, side + 2 * around, side + 2 * around))
    )
    inside = (slice(around, around + side), slice(around, around + side))
    before, after = (
        _checkered(fixed[inside], other[inside]) for other in (moving, moved_by(moving, there, order=1, mode="nearest"))
    )
    return _address(before, ENLARGED), _address(after, ENLARGED)


def arrows(pair: Pair, evidence: Evidence, verdict: Verdict) -> str:
    """Returns the shift that each window says over the reference, enlarged, as a data address."""
    common = pair.common
    factor = min(ARROWS_WIDTH / common.width, ARROWS_WIDTH / common.height)
    shape = max(round(common.height * factor), 1), max(round(common.width * factor), 1)
    reference = pair.reference.sources[0]
    longest = max(round(max(pair.grid.shape) * min(factor, 1.0)), 1)
    overview = pair.reference.coarse(reference.role, pair.bands[0], longest)
    scale = overview.shape[2] / pair.grid.width
    top, left = int(common.row_off * scale), int(common.col_off * scale)
    part = overview[:, top : top + max(int(common.height * scale), 1), left : left + max(int(common.width * scale), 1)]
    # Pale, so that the arrows stand out.
    grey = Picture.fromarray(170 + _grey(part) // 3).resize((shape[1], shape[0])).convert("RGB")
    pen = ImageDraw.Draw(grey)
    said = np.isfinite(evidence.shifts).all(axis=1)
    largest = float(np.abs(evidence.shifts[verdict.agreeing]).max()) if verdict.agreeing.any() else 1.0
    rows = np.unique(evidence.places[:, 0])
    step = float(np.diff(rows).min()) if len(rows) > 1 else common.height
    length = _LONGEST_ARROW * step * factor / max(largest, 0.5)
    for place, shift, agrees in zip(evidence.places[said], evidence.shifts[said], verdict.agreeing[said], strict=True):
        start = (place - (common.row_off, common.col_off)) * factor
        _arrow(pen, start[::-1], (start + length * np.clip(shift, -largest, largest))[::-1], agrees)
    return _address(grey, 1)


def _arrow(pen: ImageDraw.ImageDraw, start: NDArray[np.float64], end: NDArray[np.float64], agrees: bool) -> None:
    colour = _AGREES if agrees else _DISAGREES
    pen.line([*start, *end], fill=colour, width=3 if agrees else 1)
    pen.circle((float(start[0]), float(start[1])), 3, fill=colour)
    along = end - start
    reach = float(np.hypot(*along))
    if reach < 1:
        return
    along = along / reach * min(8.0, reach)
    across = np.array([-along[1], along[0]]) / 2
    pen.polygon([*end, *(end - along + across), *(end - along - across)], fill=colour)


def _grey(image: Image) -> Grey:
    """(band, y, x) → (y, x) as shades; no data black."""
    known = np.isfinite(image).all(axis=0)
    mean = evened(np.nan_to_num(np.where(known, image, np.nanmedian(image) if known.any() else 0.0))).mean(axis=0)
    low, high = np.percentile(mean, (2, 98))
    shades = np.clip((mean - low) / max(float(high - low), 1e-6), 0, 1) * 255
    return np.where(known, np.rint(shades), 0).astype(np.uint8)


def _checkered(first: Grey, second: Grey) -> Picture.Image:
    """Squares of both in turn, the second one in warm shades, so that it is seen which is which."""
    rows, columns = (np.arange(length) * SQUARES // length for length in first.shape)
    of_second = (rows[:, None] + columns[None]) % 2 == 1
    colours = np.where(of_second, second, first)[..., None].repeat(3, axis=2).astype(np.float32)
    colours[of_second] *= (1.0, 0.86, 0.62)
    return Picture.fromarray(colours.astype(np.uint8))


def _within(start: float, least: float, room: float) -> int:
    return int(min(max(start, least), least + max(room, 0)))


def _address(picture: Picture.Image, enlarged: int) -> str:
    picture = picture.resize((picture.width * enlarged, picture.height * enlarged), Picture.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
