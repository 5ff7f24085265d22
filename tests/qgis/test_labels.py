"""The label layer reaches the engine as it is on screen."""

import pytest
from osgeo import ogr
from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)


@pytest.fixture
def export(algorithm, context):
    """Exports a layer; returns the spec, the rows as (class, geometry) and the warnings."""
    from landsketch.algorithms.labels import feature_input

    def run(value, field=""):
        finetune = algorithm("finetune")
        feedback = QgsProcessingFeedback()
        spec = feature_input(finetune, {"LABELS": value}, "LABELS", context, field).export(feedback)
        return spec, rows_of(spec.path), feedback.textLog()

    return run


def rows_of(path):
    dataset = ogr.Open(path)
    layer = dataset.GetLayer(0)
    return [(row.GetField("class"), row.GetGeometryRef().Clone()) for row in layer]


def classes(rows):
    return [value for value, _ in rows]


def test_raw_values_are_left_to_the_engine(export, build):
    layer = build.memory_layer([("wheat", build.square(1, 1)), ("rye", build.square(9, 1))])
    spec, rows, _ = export(layer, "kind")
    assert classes(rows) == ["wheat", "rye"]
    assert (spec.field, spec.legend, spec.keys) == ("class", (), ())


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("kind:int", (3, 40), ["3", "40"]),
        ("kind:double", (3.0, 2.5), ["3", "2.5"]),
        ("kind:string(20)", (" rye ", "3"), ["rye", "3"]),
    ],
)
def test_values_become_the_text_under_which_the_engine_compares_classes(export, build, field, values, expected):
    features = [(value, build.square(10 * i, 1)) for i, value in enumerate(values)]
    _, rows, _ = export(build.memory_layer(features, field=field), "kind")
    assert classes(rows) == expected


def test_names_and_colours_come_from_the_categories(export, labels):
    spec, rows, _ = export(labels)
    assert spec.legend == (
        {"value": 1, "name": "Water", "colour": "#0044cc"},
        {"value": 2, "name": "Forest", "colour": "#117711"},
        {"value": 3, "name": "Town", "colour": "#cc2211"},
    )
    assert set(classes(rows)) == set(spec.keys) == {"1", "2", "3"}
    assert spec.class_legend().names == ("Water", "Forest", "Town")


def test_a_file_brings_the_style_that_lies_beside_it(export, labels, context, tmp_path):
    path = str(tmp_path / "drawn.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(labels, path, context.transformContext(), _gpkg())
    labels.saveNamedStyle(str(tmp_path / "drawn.qml"))
    spec, _, _ = export(path)
    assert {entry["name"]: entry["colour"] for entry in spec.legend} == {
        entry["name"]: entry["colour"] for entry in export(labels)[0].legend
    }


def _gpkg():
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    return options


def test_naming_the_categories_own_field_keeps_the_legend(export, labels):
    assert export(labels, "KIND")[0].legend == export(labels)[0].legend != ()


def test_another_field_than_the_categories_has_no_legend(export, build):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32632&field=kind:string&field=crop:string", "labels", "memory")
    rows = [build.feature(layer, "a", build.square(1, 1)), build.feature(layer, "b", build.square(9, 1))]
    for row, crop in zip(rows, ("rye", "oat")):
        row["crop"] = crop
    layer.dataProvider().addFeatures(rows)
    build.categorise(layer, "kind", [("a", "A", "#ff0000"), ("b", "B", "#00ff00")])
    spec, written, _ = export(layer, "crop")
    assert spec.legend == ()
    assert classes(written) == ["rye", "oat"]


def test_whole_numbers_stay_the_map_values(export, build):
    layer = build.memory_layer([(7, build.square(1, 1)), (30, build.square(9, 1))], field="code:int")
    build.categorise(layer, "code", [(30, "Town", "#ff0000"), (7, "Water", "#0000ff")])
    spec, rows, _ = export(layer)
    assert [(entry["value"], entry["name"]) for entry in spec.legend] == [(30, "Town"), (7, "Water")]
    assert classes(rows) == ["7", "30"]


@pytest.mark.parametrize("codes", [(0, 1), (255, 256), (1.5, 2)])
def test_other_numbers_are_numbered_in_the_order_of_the_legend(export, build, codes):
    layer = build.memory_layer([(code, build.square(9 * i, 1)) for i, code in enumerate(codes)], field="code:double")
    build.categorise(layer, "code", [(code, f"class {code}", "#ff0000") for code in reversed(codes)])
    spec, rows, _ = export(layer)
    assert [(entry["value"], entry["name"]) for entry in spec.legend] == [
        (1, f"class {codes[1]}"),
        (2, f"class {codes[0]}"),
    ]
    assert classes(rows) == ["2", "1"]


def test_categories_by_expression(export, build):
    layer = build.memory_layer(
        [(4, build.square(1, 1)), (11, build.square(9, 1)), (12, build.square(19, 1))], field="height:int"
    )
    build.categorise(
        layer, "if(\"height\" > 10, 'tree', 'shrub')", [("tree", "Tree", "#00ff00"), ("shrub", "Shrub", "#aaff00")]
    )
    spec, rows, _ = export(layer)
    assert classes(rows) == ["2", "1", "1"]
    assert spec.class_legend().names == ("Tree", "Shrub")


def test_categories_by_a_quoted_field_name(export, build):
    layer = build.memory_layer([("a", build.square(1, 1)), ("b", build.square(9, 1))])
    build.categorise(layer, '"kind"', [("a", "A", "#ff0000"), ("b", "B", "#00ff00")])
    assert export(layer, "kind")[0].class_legend().names == ("A", "B")


def test_merged_categories_are_one_class(export, build):
    layer = build.memory_layer([(v, build.square(9 * i, 1)) for i, v in enumerate(("oak", "beech", "lake"))])
    build.categorise(layer, "kind", [(["oak", "beech"], "Forest", "#00ff00"), ("lake", "Water", "#0000ff")])
    spec, rows, _ = export(layer)
    assert classes(rows) == ["1", "1", "2"]
    assert spec.class_legend().names == ("Forest", "Water")


def test_hidden_categories_and_all_other_values_are_no_class(export, build):
    values = ("oak", "lake", "town", "unknown")
    layer = build.memory_layer([(v, build.square(9 * i, 1)) for i, v in enumerate(values)])
    build.categorise(
        layer,
        "kind",
        [
            ("oak", "Forest", "#00ff00"),
            ("lake", "Water", "#0000ff"),
            ("town", "Town", "#ff0000", False),
            ("", "", "#999999"),
        ],
    )
    spec, rows, log = export(layer)
    assert classes(rows) == ["1", "2"]
    assert spec.class_legend().names == ("Forest", "Water")
    assert "2 features of layer 'labels' have no class or no geometry and are left out." in log


def test_classes_without_labels_keep_their_number_and_leave_the_legend(export, build):
    layer = build.memory_layer([("oak", build.square(1, 1)), ("town", build.square(9, 1))])
    build.categorise(layer, "kind", [(v, v.title(), "#00ff00") for v in ("oak", "lake", "town")])
    spec, _, _ = export(layer)
    assert [(entry["value"], entry["name"]) for entry in spec.legend] == [(1, "Oak"), (3, "Town")]
    assert spec.keys == ("1", "3")


def test_features_without_class_or_geometry_are_left_out_and_counted(export, build):
    layer = build.memory_layer(
        [("a", build.square(1, 1)), (NULL, build.square(9, 1)), ("", build.square(9, 9)), ("b", None)]
    )
    _, rows, log = export(layer, "kind")
    assert classes(rows) == ["a"]
    assert "3 features" in log


def test_unsaved_edits_are_taken(export, build):
    layer = build.memory_layer([("a", build.square(1, 1)), ("b", build.square(9, 1)), ("c", build.square(19, 1))])
    first, second, _ = [row.id() for row in layer.getFeatures()]
    layer.startEditing()
    layer.addFeature(build.feature(layer, "new", build.square(30, 1)))
    layer.changeAttributeValue(first, 0, "changed")
    layer.changeGeometry(first, QgsGeometry.fromWkt(build.square(50, 50, side=2)))
    layer.deleteFeature(second)
    _, rows, _ = export(layer, "kind")
    assert sorted(classes(rows)) == ["c", "changed", "new"]
    moved = dict(rows)["changed"]
    assert moved.GetArea() == pytest.approx(400)


def test_filters_and_selections_are_kept(export, build, project, tmp_path):
    layer = build.memory_layer([(v, build.square(9 * i, 1)) for i, v in enumerate("aabbc")])
    path = str(tmp_path / "labels.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, project.transformContext(), options)
    saved = QgsVectorLayer(path, "saved", "ogr")
    saved.setSubsetString("kind <> 'c'")
    project.addMapLayer(saved)
    assert sorted(classes(export(saved, "kind")[1])) == list("aabb")
    saved.selectByExpression("kind = 'b'")
    selected = QgsProcessingFeatureSourceDefinition(saved.id(), True)
    assert classes(export(selected, "kind")[1]) == ["b", "b"]


def test_selection_keeps_the_legend(export, labels, project):
    project.addMapLayer(labels.clone())
    (layer,) = project.mapLayers().values()
    layer.selectByExpression("kind in ('water', 'town')")
    spec, _, _ = export(QgsProcessingFeatureSourceDefinition(layer.id(), True))
    assert spec.class_legend().names == ("Water", "Town")


def test_the_layers_own_coordinate_system_is_kept(export, build):
    utm, degrees = QgsCoordinateReferenceSystem("EPSG:32632"), QgsCoordinateReferenceSystem("EPSG:4326")
    square = QgsGeometry.fromWkt(build.square(1, 1))
    square.transform(QgsCoordinateTransform(utm, degrees, QgsProject.instance()))
    layer = build.memory_layer([("a", square.asWkt(9))], crs="EPSG:4326")
    spec, rows, _ = export(layer, "kind")
    assert ogr.Open(spec.path).GetLayer(0).GetSpatialRef().GetAuthorityCode(None) == "4326"
    assert rows[0][1].Centroid().GetX() == pytest.approx(square.centroid().asPoint().x(), abs=1e-6)


def test_curves_become_segments_and_heights_are_dropped(export, build):
    circle = "CurvePolygonZ(CircularStringZ(600100 5199900 5, 600140 5199900 5, 600100 5199900 5))"
    layer = build.memory_layer([("a", circle)], geometry="CurvePolygonZ")
    _, rows, _ = export(layer, "kind")
    geometry = rows[0][1]
    assert geometry.GetGeometryName() == "MULTIPOLYGON"
    assert geometry.GetCoordinateDimension() == 2
    assert geometry.GetArea() == pytest.approx(3.14159 * 400, rel=0.01)


@pytest.mark.parametrize(
    ("geometry", "wkt", "expected"),
    [
        ("Point", "Point(600100 5199900)", "MULTIPOINT"),
        ("PointZM", "PointZM(600100 5199900 1 2)", "MULTIPOINT"),
        ("LineString", "LineString(600100 5199900, 600200 5199900)", "MULTILINESTRING"),
        ("MultiCurve", "MultiCurve(CompoundCurve(CircularString(0 0, 1 1, 2 0),(2 0, 3 0)))", "MULTILINESTRING"),
    ],
)
def test_every_geometry_type_is_taken(export, build, geometry, wkt, expected):
    _, rows, _ = export(build.memory_layer([("a", wkt)], geometry=geometry), "kind")
    assert rows[0][1].GetGeometryName() == expected


def test_invalid_geometry_passes_for_the_engine_to_repair(export, build, context):
    # As in Processing's dialog, where other algorithms stop at the first invalid feature.
    context.setInvalidGeometryCheck(QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid)
    bow_tie = "Polygon((600000 5200000,600040 5199960,600040 5200000,600000 5199960,600000 5200000))"
    _, rows, _ = export(build.memory_layer([("a", bow_tie)]), "kind")
    assert len(rows) == 1


def test_a_mask_has_no_classes(algorithm, context, build):
    from landsketch.algorithms.where import export_mask, mask_input

    layer = build.memory_layer([(NULL, build.square(1, 1))], name="area")
    mask = mask_input(algorithm("classify"), {"MASK": layer}, "MASK", context)
    spec = export_mask(mask, QgsProcessingFeedback())
    assert (spec.field, spec.legend) == ("", ())
    assert len(rows_of(spec.path)) == 1


def test_the_layer_itself_is_not_touched(export, labels):
    before = [(row.attributes(), row.geometry().asWkt()) for row in labels.getFeatures()]
    export(labels)
    assert [(row.attributes(), row.geometry().asWkt()) for row in labels.getFeatures()] == before
    assert not labels.isEditable()


def test_a_style_that_shows_no_class(export, build):
    from landsketch.core.errors import LabelError

    layer = build.memory_layer([("a", build.square(1, 1))])
    build.categorise(layer, "kind", [("", "", "#999999")])
    with pytest.raises(LabelError, match="shows no class"):
        export(layer)


def test_cancelling_stops_the_export(algorithm, context, labels):
    from landsketch.algorithms.labels import feature_input
    from landsketch.core.errors import Cancelled

    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(Cancelled):
        feature_input(algorithm("finetune"), {"LABELS": labels}, "LABELS", context, "").export(feedback)
