"""The curves of a label-ratio study as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from .curves import HEIGHT, WIDTH, Panel

SCALE = 2
"""Pixels per unit of a panel."""

_FINER = 2
"""Drawn larger and made smaller, which smooths the edges of lines."""

_INK, _QUIET, _GRID, _PAPER = (29, 36, 32), (92, 103, 96), (219, 224, 220), (255, 255, 255)
_HEAD, _GAP, _COLUMNS = 30.0, 14.0, 2


def draw_png(panels: Sequence[Panel], path: str) -> None:
    """Draws all panels with one legend, two beside each other, as a PNG."""
    rows = math.ceil(len(panels) / _COLUMNS)
    width, height = _COLUMNS * (WIDTH + _GAP) + _GAP, _HEAD + rows * (HEIGHT + _GAP)
    factor = SCALE * _FINER
    canvas = Image.new("RGB", (round(width * factor), round(height * factor)), _PAPER)
    pen = ImageDraw.Draw(canvas, "RGBA")
    _legend(pen, panels[0], factor)
    for place, panel in enumerate(panels):
        left = _GAP + place % _COLUMNS * (WIDTH + _GAP)
        _panel(pen, panel, left, _HEAD + place // _COLUMNS * (HEIGHT + _GAP), factor)
    size = (round(width * SCALE), round(height * SCALE))
    canvas.resize(size, Image.Resampling.LANCZOS).save(path, format="PNG", optimize=True)


def _legend(pen: ImageDraw.ImageDraw, panel: Panel, factor: float) -> None:
    font = _font(12 * factor)
    x = _GAP + panel.left
    for curve in panel.curves:
        pen.line(
            [(x * factor, 15 * factor), ((x + 22) * factor, 15 * factor)], fill=curve.colour, width=round(2 * factor)
        )
        pen.text(((x + 28) * factor, 15 * factor), curve.name, fill=_INK, font=font, anchor="lm")
        x += 28 + font.getlength(curve.name) / factor + 24


def _panel(pen: ImageDraw.ImageDraw, panel: Panel, left: float, top: float, factor: float) -> None:
    small = _font(10.5 * factor)

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return (left + point[0]) * factor, (top + point[1]) * factor

    for tick in panel.upright:
        pen.line([at((panel.left, tick.at)), at((panel.right, tick.at))], fill=_GRID, width=round(factor))
        pen.text(at((panel.left - 6, tick.at)), tick.text, fill=_QUIET, font=small, anchor="rm")
    for tick in panel.across:
        pen.text(at((tick.at, panel.bottom + 14)), tick.text, fill=_QUIET, font=small, anchor="mm")
    pen.text(at(((panel.left + panel.right) / 2, panel.bottom + 31)), "share of the labels", fill=_QUIET, font=small,
             anchor="mm")  # fmt: skip
    pen.text(at((panel.left, panel.top - 10)), panel.title, fill=_INK, font=_font(12.5 * factor), anchor="lm")
    for curve in panel.curves:
        colour = tuple(bytes.fromhex(curve.colour[1:]))
        if len(curve.marks) > 1:
            pen.polygon([at(point) for point in curve.band], fill=(*colour, 45))
            pen.line([at(point) for point in curve.marks], fill=colour, width=round(2 * factor), joint="curve")
        for mark in curve.marks:
            pen.circle(at(mark), 3 * factor, fill=colour)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font: no machine needs to have one installed."""
    return ImageFont.load_default(size)
