"""QGIS styles beside files, so that they open with their classes' names and colours."""

from __future__ import annotations

from html import escape
from pathlib import Path

from .legend import ClassLegend
from .outputs import finished

_PAGE = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology">
  <renderer-v2 type="categorizedSymbol" attr="{field}" forceraster="0" symbollevels="0" enableorderby="0">
    <categories>
{categories}
    </categories>
    <symbols>
{symbols}
    </symbols>
  </renderer-v2>
</qgis>
"""
_CATEGORY = '      <category value="{name}" symbol="{index}" label="{name}" render="true"/>'
_SYMBOL = """      <symbol name="{index}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
          <prop k="color" v="{red},{green},{blue},255"/>
          <prop k="style" v="solid"/>
          <prop k="outline_color" v="255,255,255,255"/>
          <prop k="outline_width" v="0.3"/>
        </layer>
      </symbol>"""


def write_label_style(path: str, field: str, legend: ClassLegend) -> str:
    """Writes the style of a polygon layer by class name, as the `.qml` beside it that QGIS opens it with.

    Args:
        path: The vector file.
        field: The attribute with the class names.
        legend: The classes.

    Returns:
        The path of the style.
    """
    entries = list(enumerate(legend))
    page = _PAGE.format(
        field=escape(field),
        categories="\n".join(_CATEGORY.format(index=i, name=escape(entry.name)) for i, entry in entries),
        symbols="\n".join(_SYMBOL.format(index=i, **_channels(entry.colour)) for i, entry in entries),
    )
    style = str(Path(path).with_suffix(".qml"))
    with finished(style) as temporary:
        Path(temporary).write_text(page, encoding="utf-8")
    return style


def _channels(colour: str) -> dict[str, int]:
    return dict(zip(("red", "green", "blue"), bytes.fromhex(colour[1:]), strict=True))
