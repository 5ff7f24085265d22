"""checkParameterValues says in a sentence what is wrong, before anything runs and without an engine."""

import shutil

import pytest
from qgis.core import QgsProcessingFeatureSourceDefinition, QgsRasterLayer, QgsVectorLayer


@pytest.fixture
def finetune(algorithm, scene, labels, context, tmp_path):
    """Checks fine-tuning with some parameters changed; returns the sentence, '' where all is well."""
    parameters = {
        "OPTICAL": scene["optical"],
        "SAR": scene["sar"],
        "LABELS": labels,
        "OUTPUT": str(tmp_path / "out.safetensors"),
        "REPORT": str(tmp_path / "report.html"),
    }
    return lambda **changes: check(algorithm("finetune"), {**parameters, **changes}, context)


@pytest.fixture
def classify(algorithm, scene, build, legend, context, tmp_path):
    parameters = {
        "OPTICAL": scene["optical"],
        "CHECKPOINT": build.checkpoint(legend=legend),
        "OUTPUT": str(tmp_path / "map.tif"),
    }
    return lambda **changes: check(algorithm("classify"), {**parameters, **changes}, context)


@pytest.fixture
def assess(algorithm, scene, labels, context, tmp_path):
    parameters = {"MAP": scene["truth"], "REFERENCE": labels, "HTML": str(tmp_path / "a.html"), "JSON": None}
    return lambda **changes: check(algorithm("assess"), {**parameters, **changes}, context)


def check(algorithm, parameters, context):
    valid, message = algorithm.checkParameterValues(parameters, context)
    assert valid == (message == "")
    return message


def test_good_parameters_pass(finetune, classify, assess):
    assert finetune() == ""
    assert classify() == ""
    assert assess() == ""


def test_temporary_outputs_pass(finetune, classify, assess):
    assert finetune(OUTPUT="TEMPORARY_OUTPUT", REPORT="TEMPORARY_OUTPUT") == ""
    assert classify(OUTPUT="TEMPORARY_OUTPUT", CONFIDENCE="TEMPORARY_OUTPUT") == ""
    assert assess(HTML="TEMPORARY_OUTPUT") == ""


def test_one_image_is_enough_and_none_is_not(finetune):
    assert finetune(SAR=None) == ""
    assert finetune(OPTICAL=None) == ""
    assert finetune(OPTICAL=None, SAR="") == "No image was given. Choose an optical image, a radar image, or both."


def test_a_file_that_is_no_raster(finetune, tmp_path):
    text = tmp_path / "notes.tif"
    text.write_text("not a raster", encoding="utf-8")
    assert finetune(OPTICAL=str(text)) == (
        f"Optical image '{text}' cannot be opened as a raster. Choose a raster file such as a GeoTIFF."
    )


def test_a_file_deleted_since_its_layer_was_added(finetune, scene, project, tmp_path):
    copy = tmp_path / "s2_copy.tif"
    shutil.copy(scene["optical"], copy)
    layer = QgsRasterLayer(str(copy), "July")
    project.addMapLayer(layer)
    copy.unlink()
    assert finetune(OPTICAL=layer).startswith(f"The file of layer 'July' cannot be opened: {copy}")


def test_layers_from_the_web_are_refused(finetune, project):
    tiles = QgsRasterLayer("type=xyz&url=http://127.0.0.1:9/{z}/{x}/{y}.png&zmax=1&zmin=0", "Web tiles", "wms")
    assert tiles.isValid()
    project.addMapLayer(tiles)
    message = finetune(OPTICAL=tiles)
    assert message.startswith("Layer 'Web tiles' comes from the provider 'wms'; a raster file is expected.")
    assert "Save it as a GeoTIFF" in message


def test_images_of_different_places(finetune, build):
    elsewhere = build.raster("s1_rtc_elsewhere.tif", 2, ("VV", "VH"), "float32", west=900_000)
    assert "'s2_l2a_20240713' and 's1_rtc_elsewhere' do not overlap" in finetune(SAR=elsewhere)


def test_images_in_different_coordinate_systems_overlap(finetune, build):
    # The same place in UTM zone 33.
    radar = build.raster(
        "s1_rtc_utm33.tif", 2, ("VV", "VH"), "float32", west=143_000, north=5_211_000, pixel=400, epsg=32633
    )
    assert finetune(SAR=radar) == ""


def test_wrong_number_of_bands_for_the_chosen_sensor(finetune, build):
    five = build.raster("five.tif", 5)
    message = finetune(OPTICAL=five, OPTICAL_SENSOR="Sentinel-2 L2A", SAR=None)
    assert message.startswith("Layer 'five.tif' has 5 bands without known band names; Sentinel-2 L2A is expected")
    assert "state the band names" in message


def test_stated_band_names_are_checked(finetune, build):
    four = build.raster("four.tif", 4)
    sensor = "Sentinel-2 L2A"
    assert "4 bands, but 3 band names" in finetune(OPTICAL=four, OPTICAL_SENSOR=sensor, OPTICAL_BANDS="B02, B03,B04")
    assert "Band names B99" in finetune(OPTICAL=four, OPTICAL_SENSOR=sensor, OPTICAL_BANDS="B02,B03,B04,B99")


def test_an_unknown_class_field(finetune):
    assert finetune(CLASS_FIELD="species") == (
        "Layer 'labels' has no field 'species'; it has kind. Choose the field that holds the class."
    )


def test_labels_without_classes(finetune, build):
    plain = build.memory_layer([("a", build.square(5, 5)), ("b", build.square(50, 5))])
    assert finetune(LABELS=plain).startswith("Layer 'labels' has no classes yet.")
    assert finetune(LABELS=plain, CLASS_FIELD="kind") == ""


def test_a_single_class(finetune, build):
    one = build.memory_layer(
        [("water", build.square(5, 5)), ("water", build.square(9, 9)), (None, build.square(50, 5))]
    )
    message = finetune(LABELS=one, CLASS_FIELD="kind")
    assert message.startswith("All labels of layer 'labels' have one class, 'water'; at least two classes are needed.")


def test_labels_that_name_no_class(finetune, build):
    empty = build.memory_layer([(None, build.square(5, 5)), ("", build.square(9, 9))])
    assert finetune(LABELS=empty, CLASS_FIELD="kind").startswith("No feature of layer 'labels' has a class in 'kind'.")


def test_labels_of_another_place(finetune, build):
    away = build.memory_layer([("a", build.square(5000, 5)), ("b", build.square(5050, 5))])
    message = finetune(LABELS=away, CLASS_FIELD="kind")
    assert message.startswith("No feature of layer 'labels' lies on 's2_l2a_20240713'.")


def test_unsaved_labels_count(finetune, build):
    layer = build.memory_layer([("a", build.square(5, 5))])
    assert finetune(LABELS=layer, CLASS_FIELD="kind").startswith("All labels")
    layer.startEditing()
    layer.addFeature(build.feature(layer, "b", build.square(40, 40)))
    assert finetune(LABELS=layer, CLASS_FIELD="kind") == ""


def test_selected_features_only(finetune, build, project):
    layer = build.memory_layer([("a", build.square(5, 5)), ("b", build.square(40, 40))])
    project.addMapLayer(layer)
    layer.selectByExpression("kind = 'a'")
    selected = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    assert finetune(LABELS=selected, CLASS_FIELD="kind").startswith("All labels of layer 'labels' have one class, 'a'")


def test_labels_without_a_coordinate_system(finetune, build):
    layer = build.memory_layer([("a", build.square(5, 5)), ("b", build.square(40, 40))], crs="")
    assert finetune(LABELS=layer, CLASS_FIELD="kind").startswith("Layer 'labels' has no coordinate system.")


def test_an_image_without_a_coordinate_system(finetune, build):
    bare = build.raster("bare.tif", 10, build.bands, epsg=None)
    assert finetune(OPTICAL=bare, SAR=None).startswith("Layer 'bare' has no coordinate system")


def test_a_table_without_geometries(finetune, project):
    table = QgsVectorLayer("None?field=kind:string", "table", "memory")
    project.addMapLayer(table)
    assert finetune(LABELS=table, CLASS_FIELD="kind") == "Layer 'table' is a table without geometries."


def test_checkpoints_that_are_none(finetune, classify, tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x00" * 100)
    for check_one in (finetune, classify):
        assert check_one(CHECKPOINT=str(broken)).startswith(f"'{broken}' is not a checkpoint.")
        missing = str(tmp_path / "missing.safetensors")
        assert check_one(CHECKPOINT=missing).startswith(f"Checkpoint '{missing}' does not exist.")


def test_a_truncated_checkpoint(classify, build, legend):
    path = build.checkpoint("cut.safetensors", legend=legend)
    with open(path, "r+b") as file:
        file.truncate(file.seek(0, 2) - 4)
    assert "is truncated" in classify(CHECKPOINT=path)


def test_a_checkpoint_without_classes_cannot_classify(classify, build):
    message = classify(CHECKPOINT=build.checkpoint("encoder.safetensors"))
    assert "knows no classes. Fine-tune it with your labels first" in message


def test_published_weights_start_a_training_and_do_not_classify(finetune, algorithm, tmp_path):
    from landsketch.algorithms.checks import classifier_card
    from landsketch.core.errors import CheckpointError

    for suffix in (".pt", ".pth", ".ckpt"):
        weights = tmp_path / f"published{suffix}"
        weights.write_bytes(b"PK")
        assert finetune(CHECKPOINT=str(weights)) == ""
        with pytest.raises(CheckpointError, match="published weights, which know no classes"):
            classifier_card(str(weights))


def test_an_image_that_lacks_bands_of_the_checkpoint(classify, build):
    message = classify(OPTICAL=build.raster("s2_l2a_small.tif", 3, ("B02", "B03", "B04")))
    assert message.startswith("Layer 's2_l2a_small' has 3 bands (B02, B03, B04); checkpoint 'model.safetensors' needs")
    assert (
        "missing: B05, B06, B07, B08, B8A, B11, B12. Choose a layer with these bands or another checkpoint." in message
    )


def test_bands_are_found_by_name_in_any_order(classify, build):
    shuffled = tuple(reversed(build.bands))
    assert classify(OPTICAL=build.raster("s2_l2a_other_order.tif", 10, shuffled)) == ""


def test_an_image_of_another_sensor(classify, build, legend):
    bands = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
    landsat = build.checkpoint("landsat.safetensors", bands=bands, sensor="landsat-8", legend=legend)
    image = build.raster("lc08_scene.tif", 7, ("coastal", "blue", "green", "red", "nir", "swir1", "swir2"))
    assert classify(CHECKPOINT=landsat, OPTICAL=image, OPTICAL_SENSOR="Landsat") == ""
    assert "was made for Landsat 8/9" in classify(CHECKPOINT=landsat, OPTICAL=image, OPTICAL_SENSOR="generic") or (
        "of Landsat 8/9; missing" in classify(CHECKPOINT=landsat, OPTICAL=image, OPTICAL_SENSOR="generic")
    )


def test_images_that_the_checkpoint_lacks_or_does_not_use(classify, build, scene, legend):
    assert "does not use a SAR layer. Leave it empty." in classify(SAR=scene["sar"])
    both = build.checkpoint("both.safetensors", roles=("optical", "sar"), legend=legend)
    assert "needs a SAR layer. Choose it as well." in classify(CHECKPOINT=both)
    assert classify(CHECKPOINT=both, SAR=scene["sar"]) == ""


def encoder_card(build, *sources, legend=None):
    """A card of schema 2 with sources changed: pairs of a role and what is different."""
    card = build.card_of(roles=tuple(role for role, _ in sources), legend=legend)
    changed = tuple(build.replace(source, **changes) for source, (_, changes) in zip(card.sources, sources))
    return build.replace(card, sources=changed)


def test_a_source_that_a_checkpoint_calls_optional_may_be_left_out(finetune, classify, build, scene, legend):
    either = (("optical", {"optional": True}), ("sar", {"optional": True}))
    encoder = build.written("either.safetensors", encoder_card(build, *either))
    for images in ({}, {"SAR": None}, {"OPTICAL": None}):
        assert finetune(CHECKPOINT=encoder, **images) == ""
    classifier = build.written("map.safetensors", encoder_card(build, *either, legend=legend))
    assert classify(CHECKPOINT=classifier) == ""
    assert classify(CHECKPOINT=classifier, SAR=scene["sar"]) == ""
    needed = encoder_card(build, ("optical", {"optional": True}), ("sar", {}))
    message = finetune(CHECKPOINT=build.written("radar.safetensors", needed), SAR=None)
    assert message == "Checkpoint 'radar.safetensors' needs a SAR layer. Choose it as well."


def test_a_part_of_the_bands_is_enough_where_the_checkpoint_says_so(finetune, build):
    three = build.raster("s2_l2a_small.tif", 3, ("B04", "B03", "B02"), pixel=60)
    for partial, expected in ((True, ""), (False, "missing: B05, B06")):
        card = encoder_card(build, ("optical", {"partial": partial}))
        message = finetune(CHECKPOINT=build.written("partial.safetensors", card), OPTICAL=three, SAR=None)
        assert (message == "") if partial else (expected in message)
    none = build.raster("s2_l2a_cirrus.tif", 1, ("B10",), pixel=60)
    assert "has 1 bands (B10)" in finetune(
        CHECKPOINT=build.written("p.safetensors", encoder_card(build, ("optical", {"partial": True}))),
        OPTICAL=none,
        SAR=None,
    )


def test_an_encoder_of_any_sensor_needs_known_wavelengths(finetune, build):
    from landsketch.core.cards import ANY_SENSOR, Normalisation

    open_scaling = Normalisation("scene-z-score", (), ())
    any_sensor = encoder_card(build, ("optical", {"sensor": ANY_SENSOR, "bands": (), "normalisation": open_scaling}))
    encoder = build.written("any.safetensors", any_sensor)
    assert finetune(CHECKPOINT=encoder, SAR=None) == ""
    names = ("blue", "green", "red", "nir", "swir1", "thermal", "swir2")
    landsat = build.raster("scene.tif", 7, names, pixel=60)
    assert finetune(CHECKPOINT=encoder, OPTICAL=landsat, OPTICAL_SENSOR="Landsat", SAR=None) == ""
    message = finetune(CHECKPOINT=encoder, OPTICAL=landsat, OPTICAL_SENSOR="generic", SAR=None)
    assert "has bands of unknown wavelengths" in message
    assert message.endswith("State the layer's sensor.")


@pytest.fixture
def embeddings(build):
    """64 bands without names at the place of the scene, as AlphaEarth has."""
    return build.raster("aef_2024.tif", 64, dtype="float32", pixel=60)


def embedding_classifier(build, legend, maker=""):
    from landsketch.core.cards import Card, Normalisation, SourceCard

    bands = tuple(f"A{i:02d}" for i in range(64))
    scaling = Normalisation("z-score", (0.0,) * 64, (1.0,) * 64)
    source = SourceCard("embedding", "alphaearth", bands, "raw", 10.0, scaling, maker=maker)
    return build.written("embedded.safetensors", Card({"name": "test"}, (source,), 256, 0, legend))


def test_embeddings_take_the_place_of_an_encoder(finetune, embeddings, build, scene):
    alone = {"OPTICAL": None, "SAR": None, "EMBEDDING": embeddings}
    assert finetune(**alone) == ""
    assert finetune(EMBEDDING=embeddings) == ""
    assert "does not use an embedding raster" in finetune(
        EMBEDDING=embeddings, CHECKPOINT=build.checkpoint("e.safetensors"), SAR=None
    )
    away = build.raster("aef_away.tif", 64, dtype="float32", west=900_000)
    assert "'s2_l2a_20240713' and 'aef_away' do not overlap" in finetune(EMBEDDING=away)
    assert "Tessera embeddings is expected with 128" in finetune(**alone, EMBEDDING_KIND="Tessera")


def test_embeddings_of_another_maker_are_refused(classify, embeddings, build, legend):
    from osgeo import gdal

    checkpoint = embedding_classifier(build, legend, maker="AlphaEarth 1@aaaa")
    parameters = {"CHECKPOINT": checkpoint, "OPTICAL": None, "EMBEDDING": embeddings}
    assert classify(**parameters) == ""
    dataset = gdal.Open(embeddings, gdal.GA_Update)
    dataset.SetMetadataItem("LANDSKETCH_EMBEDDING", "AlphaEarth 2@bbbb")
    del dataset
    assert "holds embeddings of AlphaEarth 2@bbbb; checkpoint 'embedded.safetensors' was made for" in classify(
        **parameters
    )


def test_a_checkpoint_on_embeddings_needs_them(classify, embeddings, build, legend):
    checkpoint = embedding_classifier(build, legend)
    assert "needs an embedding raster" in classify(CHECKPOINT=checkpoint)
    assert "does not use an embedding raster" in classify(EMBEDDING=embeddings)


def test_many_embeddings_are_classified_where_nothing_has_to_be_paired(
    algorithm, embeddings, build, scene, legend, context, tmp_path
):
    def classify_all(checkpoint, image):
        parameters = {"CHECKPOINT": checkpoint, "LAYERS": [image], "OUTPUT_FOLDER": str(tmp_path / "maps")}
        return check(algorithm("classifybatch"), parameters, context)

    assert classify_all(embedding_classifier(build, legend), embeddings) == ""
    assert "missing: A00 to A63" in classify_all(embedding_classifier(build, legend), scene["optical"])
    both = build.card_of(legend=legend)
    (optical,) = both.sources
    both = build.replace(both, sources=(optical, build.replace(optical, role="embedding", sensor="generic")))
    message = classify_all(build.written("both.safetensors", both), scene["optical"])
    assert message.startswith("Checkpoint 'both.safetensors' needs images and embeddings together")


def test_cards_of_schema_1_are_read_as_before(classify, build, legend, scene):
    old = build.card_of(legend=legend).to_json()
    old["schema"] = 1
    for source in old["sources"]:
        for added in ("optional", "partial", "maker"):
            del source[added]
    checkpoint = build.written("old.safetensors", old)
    assert classify(CHECKPOINT=checkpoint) == ""
    assert "needs an optical layer. Choose it as well." in classify(
        CHECKPOINT=checkpoint, OPTICAL=None, SAR=scene["sar"]
    )
    newer = build.written("newer.safetensors", {**old, "schema": 99})
    assert classify(CHECKPOINT=newer).endswith("Update LandSketch.")


def test_a_mask_of_another_place(classify, build):
    away = build.memory_layer([("", build.square(5000, 5))], name="area")
    assert classify(MASK=away).startswith("No feature of layer 'area' lies on")


def test_outputs_do_not_overwrite_inputs(classify, finetune, build, scene, tmp_path):
    assert "would overwrite a file that is already in use" in classify(OUTPUT=scene["optical"])
    same = str(tmp_path / "same.tif")
    assert "would overwrite" in classify(OUTPUT=same, CONFIDENCE=str(tmp_path / "." / "same.tif"))
    start = build.checkpoint("start.safetensors", roles=("optical", "sar"))
    assert "would overwrite" in finetune(CHECKPOINT=start, OUTPUT=start)


def test_outputs_need_a_folder_and_the_right_type(classify, finetune, tmp_path):
    folder = tmp_path / "none"
    assert classify(OUTPUT=str(folder / "map.tif")).startswith(f"The folder '{folder}' of Class map does not exist.")
    assert "wrong file type. Its name should end in .tif." in classify(OUTPUT=str(tmp_path / "map.jp2"))
    assert "should end in .safetensors." in finetune(OUTPUT=str(tmp_path / "model.pt"))


def test_reference_must_be_a_layer_with_classes(assess, build, scene, tmp_path):
    assert assess(REFERENCE=scene["truth"]) == ""
    plain = build.memory_layer([("a", build.square(5, 5)), ("b", build.square(50, 5))])
    assert assess(REFERENCE=plain).startswith("Layer 'labels' has no classes yet.")
    assert assess(REFERENCE=plain, REFERENCE_FIELD="kind") == ""
    text = tmp_path / "x.txt"
    text.write_text("no layer", encoding="utf-8")
    assert "cannot be opened as a raster or vector layer" in assess(REFERENCE=str(text))


def test_reference_of_another_place(assess, build):
    away = build.raster("reference.tif", 1, dtype="uint8", west=900_000)
    assert "'truth' and 'reference' do not overlap" in assess(REFERENCE=away)


def test_assessing_without_an_output(assess):
    assert assess(HTML=None, JSON=None).startswith("No output was asked for.")


def test_what_is_missing_is_named(finetune, classify):
    assert finetune(LABELS=None) == "'Labels' is missing. Choose one."
    assert classify(CHECKPOINT="") == "'Checkpoint' is missing. Choose one."
