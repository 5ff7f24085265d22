"""The default style of a layer of class polygons, inside its GeoPackage, where QGIS looks for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from html import escape

from ..legend import ClassLegend

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
_CATEGORY = '      <category value="{value}" symbol="{index}" label="{name}" render="true" type="integer"/>'
# The outline has the fill's own colour: it hides the slits that smooth drawing leaves between neighbours.
_SYMBOL = """      <symbol name="{index}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option name="color" type="QString" value="{colour}"/>
            <Option name="style" type="QString" value="solid"/>
            <Option name="outline_color" type="QString" value="{colour}"/>
            <Option name="outline_style" type="QString" value="solid"/>
            <Option name="outline_width" type="QString" value="0.1"/>
            <Option name="outline_width_unit" type="QString" value="MM"/>
            <Option name="joinstyle" type="QString" value="bevel"/>
          </Option>
        </layer>
      </symbol>"""

# As QGIS makes it; the table belongs to no standard, so its columns have to be these.
_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
  ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""
_CONTENTS = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('layer_styles', 'attributes', "
    "'layer_styles', 0)"
)
_STYLE = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
    "styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, 'classes', ?, '', 1, ?, '')"
)


def style_of(legend: ClassLegend, field: str) -> str:
    """Returns the style as QML: one category for each class.

    Args:
        legend: The classes.
        field: The attribute with the class values.
    """
    entries = list(enumerate(legend))
    return _PAGE.format(
        field=escape(field),
        categories="\n".join(_CATEGORY.format(value=e.value, index=i, name=escape(e.name)) for i, e in entries),
        symbols="\n".join(_SYMBOL.format(index=i, colour=_rgba(e.colour)) for i, e in entries),
    )


def add_default_style(path: str, layer: str, geometry: str, qml: str) -> None:
    """Puts a style into a GeoPackage without styles, as the one that QGIS opens a layer with.

    Args:
        path: The GeoPackage.
        layer: The layer.
        geometry: Its geometry column.
        qml: The style.
    """
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_TABLE)
        database.execute(_CONTENTS)
        database.execute(_STYLE, (layer, geometry, qml, "Classes of the map"))


def _rgba(colour: str) -> str:
    return ",".join(str(channel) for channel in (*bytes.fromhex(colour[1:]), 255))
