"""Clusters: how they are found, matched with a reference, and mapped, on small true files."""

import json
import os

import numpy as np
import pytest
import rasterio
from helpers import S2_12, squares, two_class_s2, write_features, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.clustering import job
from landsketch.core.clustering.agreement import agreement, match
from landsketch.core.clustering.kmeans import fit_clusters
from landsketch.core.clustering.names import cluster_legend
from landsketch.core.errors import Cancelled, SceneError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.legend import palette_colour
from landsketch.core.progress import Reporter
from landsketch.core.specs import ClusterSpec

SIDE = 96


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Two halves, the left one without data in its first eight rows."""
    image = two_class_s2(SIDE)
    image[:, :8, : SIDE // 2] = 0
    return write_raster(tmp_path_factory.mktemp("scene") / "s2.tif", image, names=S2_12)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """5 in the left half, 2 in the right one."""
    classes = np.full((1, SIDE, SIDE), 5, np.uint8)
    classes[..., SIDE // 2 :] = 2
    return write_raster(tmp_path_factory.mktemp("reference") / "reference.tif", classes)


def cluster(scene, output, reporter=None, **changes):
    spec = {"sources": [{"role": "optical", "path": scene}], "output": str(output), "clusters": 2, "device": "cpu"}
    return run_job("cluster", spec | changes, reporter or Reporter())


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def tags(path):
    with rasterio.open(path) as dataset:
        return dataset.tags()


def contingency(classes, clusters):
    matrix = np.zeros((max(classes) + 1, max(clusters) + 1), np.int64)
    np.add.at(matrix, (classes, clusters), 1)
    return matrix


def blobs(centres, pixels=2000, seed=0):
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.normal(centre, 1, (pixels, len(centre))) for centre in centres]).astype(np.float32)


# --- Agreement --------------------------------------------------------------------------------------------------------


def test_known_values_of_nmi_and_ari():
    found = agreement(contingency([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]), ["a", "b"])
    assert found.ari == pytest.approx(0.2424242, abs=1e-6)
    assert found.nmi == pytest.approx(0.5158037, abs=1e-6)
    assert found.oa == pytest.approx(4 / 6)
    assert found.purity == pytest.approx(5 / 6)


def test_matching_recovers_permuted_clusters():
    generator = np.random.default_rng(1)
    classes = generator.integers(0, 5, 1000)
    order = generator.permutation(5)
    found = agreement(contingency(classes, order[classes]), list("abcde"))
    assert (found.oa, found.macro_f1, found.nmi, found.ari) == pytest.approx((1, 1, 1, 1))
    assert [found.partners[order[place]] for place in range(5)] == list(range(5))


def test_matching_finds_the_best_of_all_and_not_the_first_best():
    assert match(np.array([[10, 9], [9, 0]])) == (1, 0)


def test_there_may_be_more_clusters_than_classes_or_fewer():
    more = agreement(np.array([[50, 0, 10, 0], [0, 30, 0, 10]]), ["a", "b"])
    assert more.partners == (0, 1, None, None)
    assert (more.oa, more.purity) == (0.8, 1.0)
    assert more.majority(2) == ("a", 1.0)
    fewer = agreement(np.array([[50, 0], [0, 30], [20, 0]]), ["a", "b", "c"])
    assert fewer.partners == (0, 1)
    assert fewer.oa == 0.8
    assert fewer.macro_f1 == pytest.approx((100 / 120 + 1 + 0) / 3)


def test_a_cluster_that_shares_no_pixel_with_a_class_is_not_matched_with_it():
    assert match(np.array([[5, 5, 0], [0, 4, 0]])) == (0, 1, None)
    assert match(np.array([[5, 0], [5, 0]])) == (0, None)


# --- k-means as a classifier ------------------------------------------------------------------------------------------


def test_the_classifier_gives_each_pixel_its_nearest_centre():
    features = blobs([(0, 0, 0), (6, 0, 0), (0, 9, 3)]) * [1, 200, 0.01] + [5, -3000, 0]
    clusters = fit_clusters(features.astype(np.float32), 5, seed=0)
    assigned = clusters.model.logits(features.astype(np.float32)).argmax(axis=1)
    assert (assigned == clusters.assigned).mean() > 0.999, "rounding may turn a tie"
    sizes = np.bincount(clusters.assigned, minlength=5)
    assert (np.diff(sizes) <= 0).all(), "the largest comes first"


def test_the_same_seed_gives_the_same_clusters():
    features = blobs([(0, 0), (3, 3)])
    first, second = (fit_clusters(features, 6, seed=4).model.weight for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, fit_clusters(features, 6, seed=5).model.weight)


def test_confidence_is_that_of_gaussians_however_often_a_channel_is_repeated():
    features = blobs([(0,), (4,)], 20_000)
    points = np.array([[1.0], [1.5], [2.0], [2.5], [3.0]], np.float32)
    true = 1 / (1 + np.exp(-4 * (points[:, 0] - 2)))
    for times in (1, 40):
        model = fit_clusters(np.repeat(features, times, axis=1), 2, seed=0).model
        logits = model.logits(np.repeat(points, times, axis=1))
        upper = int(logits[-1].argmax())
        found = 1 / (1 + np.exp(logits[:, 1 - upper] - logits[:, upper]))
        assert found == pytest.approx(true, abs=0.05)


def test_constant_channels_count_for_nothing():
    features = np.concatenate([blobs([(0, 0), (8, 8)]), np.full((4000, 1), 7, np.float32)], axis=1)
    clusters = fit_clusters(features, 2, seed=0)
    assert np.isfinite(clusters.model.weight).all()
    assert (clusters.model.weight[:, 2] == 0).all()


def test_fewer_different_pixels_than_clusters_are_refused():
    with pytest.raises(SpecError, match="3 different pixels"):
        fit_clusters(np.repeat(np.eye(3, dtype=np.float32), 100, axis=0), 4, seed=0)


def test_every_cluster_has_a_colour_of_its_own():
    legend = cluster_legend(255)
    assert len({entry.colour for entry in legend}) == 255
    assert (legend.classes[0].name, legend.classes[0].colour) == ("cluster 1", palette_colour(0))


# --- The job ----------------------------------------------------------------------------------------------------------


def test_clusters_are_mapped_compared_and_named(scene, reference, tmp_path):
    output, html, page = tmp_path / "map.tif", tmp_path / "found.html", tmp_path / "found.json"
    result = cluster(
        scene, output, reference=reference, named=True, html=str(html), json=str(page),
        classifier=str(tmp_path / "clusters.safetensors"),
    )  # fmt: skip
    assert result["agreement"]["oa"] > 0.97
    assert result["agreement"]["ari"] > 0.9
    mapped = values(output)
    assert (mapped[:8, : SIDE // 2 - 4] == 0).all(), "no data stays no data"
    assert set(np.unique(mapped)) == {0, 1, 2}
    assert [entry["name"] for entry in result["clusters"]] == ["2", "5"], "the right half has more pixels"
    assert json.loads(tags(output)["LANDSKETCH_LEGEND"])[0]["name"] == "2"
    assert json.loads(tags(output)["LANDSKETCH_JOB"])["job"] == "cluster"
    bright, dark = (entry["means"]["B04"] for entry in result["clusters"])
    assert (bright, dark) == pytest.approx((2400, 600), rel=0.05)
    assert json.loads(page.read_text(encoding="utf-8"))["clusters"] == result["clusters"]
    assert "Adjusted Rand index" in html.read_text(encoding="utf-8")
    assert sum(entry["pixels"] for entry in result["clusters"]) == np.count_nonzero(mapped)
    files = {"map.tif", "map.tif.aux.xml", "found.html", "found.json", "clusters.safetensors"}
    assert set(os.listdir(tmp_path)) == files, "nothing else is left"


def test_the_checkpoint_finds_the_same_clusters_elsewhere(scene, tmp_path):
    checkpoint = str(tmp_path / "clusters.safetensors")
    cluster(scene, tmp_path / "map.tif", clusters=4, classifier=checkpoint)
    assert read_card(checkpoint).legend.names == ("cluster 1", "cluster 2", "cluster 3", "cluster 4")
    spec = {"checkpoint": checkpoint, "sources": [{"role": "optical", "path": scene}]}
    run_job("classify", spec | {"output": str(tmp_path / "again.tif")}, Reporter())
    assert np.array_equal(values(tmp_path / "map.tif"), values(tmp_path / "again.tif"))


def test_features_with_a_class_are_a_reference_too(scene, tmp_path):
    shapes, classes = squares(SIDE)
    labels = write_features(tmp_path / "labels.gpkg", shapes, [{1: "dark", 2: "bright"}[c] for c in classes])
    result = cluster(scene, tmp_path / "map.tif", clusters=3, reference={"path": labels, "field": "class"}, named=True)
    names = [entry["name"] for entry in result["clusters"]]
    assert {"dark", "bright"} < set(names)
    (other,) = set(names) - {"dark", "bright"}
    assert other.startswith("cluster ")


def test_only_the_extent_is_clustered(scene, tmp_path):
    left, top = 500_000, 5_000_000
    bounds = [left + 480, top - 960, left + 960, top]
    cluster(scene, tmp_path / "map.tif", extent={"bounds": bounds, "crs": "EPSG:32632"})
    mapped = values(tmp_path / "map.tif")
    assert mapped.shape == (SIDE, SIDE // 2)
    assert set(np.unique(mapped)) == {1, 2}, "the bright half alone falls into two"


def test_a_fine_tuned_checkpoint_lends_its_encoder(scene, reference, tmp_path):
    shapes, classes = squares(SIDE)
    labels = {"path": write_features(tmp_path / "labels.gpkg", shapes, classes), "field": "class"}
    fitted = str(tmp_path / "fitted.safetensors")
    sources = [{"role": "optical", "path": scene}]
    run_job("finetune", {"sources": sources, "labels": labels, "output": fitted, "device": "cpu"}, Reporter())
    result = cluster(scene, tmp_path / "map.tif", checkpoint=fitted, reference=reference)
    assert result["agreement"]["oa"] > 0.97


def test_of_gcc_rs_the_encoder_is_clustered_and_the_log_says_so(scene, tmp_path):
    generator = np.random.default_rng(0)
    radar = generator.normal(-12, 2, (2, SIDE, SIDE)).astype(np.float32)
    sources = [
        {"role": "optical", "path": scene},
        {"role": "sar", "path": write_raster(tmp_path / "s1.tif", radar, names=("VV", "VH")), "units": "db"},
    ]
    encoder = str(tmp_path / "gcc.safetensors")
    settings = {"method": "gcc-rs", "network": "resnet18", "window": 32, "batch": 2, "steps": 1, "device": "cpu"}
    run_job("pretrain", {"scenes": [{"sources": sources}], "output": encoder} | settings, Reporter())
    events = []
    spec = {"sources": sources, "checkpoint": encoder, "clusters": 2, "device": "cpu"}
    run_job("cluster", spec | {"output": str(tmp_path / "map.tif")}, Reporter(events.append))
    assert any("GCC-RS" in event.get("message", "") for event in events)
    assert set(np.unique(values(tmp_path / "map.tif"))) >= {1, 2}


def test_a_run_that_failed_goes_on_where_it_was(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(job, "KEEP_SECONDS", 0.0)
    expected = tmp_path / "expected.tif"
    cluster(scene, expected)

    def fails(*_):
        raise OSError("unplugged")

    with monkeypatch.context() as patch:
        patch.setattr(job, "rename_classes", fails)
        with pytest.raises(OSError, match="unplugged"):
            cluster(scene, tmp_path / "map.tif")
    assert not (tmp_path / "map.tif").exists()
    events = []
    cluster(scene, tmp_path / "map.tif", Reporter(events.append))
    assert not any("Looking for" in event.get("message", "") for event in events), "it began anew"
    assert np.array_equal(values(tmp_path / "map.tif"), values(expected))
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_other_settings_begin_anew(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(job, "KEEP_SECONDS", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(job, "rename_classes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cluster(scene, tmp_path / "map.tif")
    result = cluster(scene, tmp_path / "map.tif", clusters=3)
    assert len(result["clusters"]) == 3
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_a_cancelled_run_leaves_nothing(scene, tmp_path):
    reporter = Reporter()
    reporter._emit = lambda event: event.get("message", "").startswith("Mapping") and reporter.cancel()
    with pytest.raises(Cancelled):
        cluster(scene, tmp_path / "map.tif", reporter, html=str(tmp_path / "found.html"))
    assert os.listdir(tmp_path) == []


def test_progress_never_falls_and_only_the_outputs_are_told(scene, tmp_path):
    events = []
    cluster(scene, tmp_path / "map.tif", Reporter(events.append), html=str(tmp_path / "found.html"))
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert np.diff(fractions).min() > -1e-9
    told = [event["path"] for event in events if event["event"] == "artifact"]
    assert told == [str(tmp_path / "map.tif"), str(tmp_path / "found.html")]


def test_what_cannot_be_clustered_is_named(scene, tmp_path):
    gap = {"bounds": [500_000, 4_999_920, 500_400, 5_000_000], "crs": "EPSG:32632"}
    with pytest.raises(SpecError, match="no pixel has data"):
        cluster(scene, tmp_path / "map.tif", extent=gap)
    flat = np.full((12, 8, 8), 500, np.uint16)
    with pytest.raises(SpecError, match="different pixels"):
        cluster(write_raster(tmp_path / "flat.tif", flat, names=S2_12), tmp_path / "map.tif", clusters=200)
    away = write_raster(tmp_path / "away.tif", np.ones((1, 8, 8), np.uint8), origin=(700_000, 4_000_000))
    with pytest.raises(SceneError, match="does not overlap"):
        cluster(scene, tmp_path / "map.tif", reference=away)
    assert not (tmp_path / "map.tif").exists()


@pytest.mark.parametrize(
    ("changes", "words"), [({"clusters": 1}, "clusters is 1"), ({"clusters": 256}, "256"), ({"named": True}, "named")]
)
def test_wrong_settings_are_named(changes, words):
    spec = {"sources": [{"role": "optical", "path": "s2.tif"}], "output": "map.tif"}
    with pytest.raises(SpecError, match=words):
        ClusterSpec.from_json(spec | changes)
