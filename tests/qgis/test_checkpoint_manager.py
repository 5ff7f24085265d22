"""The checkpoint manager, by its real widgets on real files: what is listed, what it says, and what can be done."""

import hashlib
import json
import os
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from landsketch.core.cards import Card
from landsketch.core.encoder_registry import encoder
from landsketch.core.errors import Cancelled
from osgeo import gdal
from patience import idle, waiting
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsSettings
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QMainWindow

GALILEO = Path(__file__).resolve().parents[3] / "shared" / "data" / "checkpoints" / "galileo-nano" / "encoder.pt"


wait = waiting(30.0)


class Weights(ThreadingHTTPServer):
    """Serves published weights, in pieces.

    Attributes:
        content: The file.
        pause: Seconds between the pieces.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.content, self.pause = np.random.default_rng(0).bytes(2_000_000), 0.0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/encoder.pth"


class _Answer(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        try:
            for place in range(0, len(self.server.content), 100_000):
                self.wfile.write(self.server.content[place : place + 100_000])
                time.sleep(self.server.pause)
        except OSError:  # whoever asked has gone
            pass


class DownloadingEngine:
    """Stands for the engine's process: downloads as it does, from a server on this machine, in the thread that asks."""

    def __init__(self, build, url, sha256, folder):
        self.build, self.url, self.sha256, self.folder = build, url, sha256, folder
        self.specs = []
        self.job = None

    def run(self, spec, feedback):
        from landsketch.core.download import download
        from landsketch.core.progress import Reporter

        self.specs.append(spec)

        def tell(event):
            if feedback.is_cancelled():
                raise Cancelled()
            if event["event"] == "progress":
                feedback.progress(event["fraction"], event["message"], event["seconds_left"])

        download(self.url, f"{spec.encoder}/encoder.pth", self.sha256, Reporter(tell), str(self.folder))
        Path(spec.output).write_bytes(Path(self.build.checkpoint("made.safetensors")).read_bytes())
        return {"output": spec.output}

    def close(self):
        pass


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of checkpoints, empty; what is set is set for this process alone, since tests may run side by side."""
    from landsketch.ui.checkpoints import store

    own = f"landsketch-test-{os.getpid()}"
    monkeypatch.setattr(store, "_FOLDER", f"{own}/folder")
    monkeypatch.setattr(store, "_ADDED", f"{own}/added")
    result = tmp_path / "shelf"
    result.mkdir()
    store.set_folder(str(result))
    yield result
    QgsSettings().remove(own)


@pytest.fixture
def opened():
    """The dialogs of algorithms that were opened, with what was filled in."""
    return []


@pytest.fixture
def choice():
    """What the dock is set to, to be changed by a test."""
    return [None]


@pytest.fixture
def window(qgis_app):
    result = QMainWindow()
    yield result
    result.close()


@pytest.fixture
def manager(window, provider, project, folder, opened, choice):
    """Opens the manager, and waits until it has read the folder."""
    from landsketch.ui.checkpoints.dialog import CheckpointDialog

    made = []

    def open_manager():
        dialog = CheckpointDialog(window, lambda name, given: opened.append((name, given)), lambda: choice[0])
        made.append(dialog)
        dialog.show()
        wait(lambda: dialog.table.checkpoints.entries)
        return dialog

    yield open_manager
    for dialog in made:
        dialog.remove()
    wait(idle)


def names(dialog, state=""):
    return [entry.name for entry in dialog.table.checkpoints.entries if state in ("", entry.state)]


def shown(dialog):
    rows = dialog.table.filter
    return [str(rows.index(row, 0).data()) for row in range(rows.rowCount())]


def choose(dialog, path):
    assert dialog.table.choose(str(path))


def press(dialog, name):
    button = dialog.commands.buttons[name]
    assert button.isVisible() and button.isEnabled()
    button.click()


def put(folder, build, name, provenance=None, **card):
    """Writes a checkpoint into the folder."""
    made = build.card_of(**card)
    made = build.replace(made, provenance=provenance or {})
    shutil.move(build.written(name, made), folder / name)
    return str(folder / name)


def raster_layer(build, tmp_path, name, tags):
    """A raster of the project with tags as the engine writes them."""
    path = build.raster(f"{name}.tif", 1, dtype="uint8")
    dataset = gdal.Open(path, gdal.GA_Update)
    for key, value in tags.items():
        dataset.SetMetadataItem(key, value)
    dataset = None
    layer = QgsRasterLayer(path, name)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)


def made_with(path, digest="", **more):
    tags = {"LANDSKETCH_JOB": json.dumps({"job": "classify", "spec": {"checkpoint": path, **more}})}
    return {**tags, "LANDSKETCH_CHECKPOINT_SHA256": digest} if digest else tags


def digest_of(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_bundled_local_and_downloadable_ones_stand_in_one_table(manager, folder, build, legend):
    from landsketch.core.encoder_registry import encoders

    put(folder, build, "fields.safetensors", legend=legend, roles=("optical", "sar"))
    dialog = manager()
    assert shown(dialog)[:2] == ["bundled.safetensors", "fields.safetensors"]
    assert names(dialog, "downloadable") == [entry.id for entry in encoders()]
    row = [str(dialog.table.filter.index(1, column).data() or "") for column in range(6)]
    size = os.path.getsize(folder / "fields.safetensors")
    assert row[1:3] == ["classifier", "S2 L2A (10), S1 RTC (2)"]
    assert row[3] == f"{size / 1000:.1f} kB" and row[5] == "local"
    assert dialog.state.itemText(2) == "local (1)"


def test_words_and_states_narrow_the_table(manager, folder, build, legend):
    put(folder, build, "fields.safetensors", legend=legend)
    put(folder, build, "radar.safetensors", roles=("sar",))
    dialog = manager()
    dialog.search.setText("sentinel-1 RTC")
    assert shown(dialog) == ["radar.safetensors"]
    assert str(dialog.table.filter.index(0, 2).data()) == "S1 RTC (2)"
    dialog.search.setText("forest")  # a class, which is not in the table
    assert shown(dialog) == ["fields.safetensors"]
    dialog.search.setText("galileo nano")
    assert shown(dialog) == ["galileo-nano"]
    dialog.search.clear()
    dialog.state.setCurrentIndex(dialog.state.findData("local"))
    assert shown(dialog) == ["fields.safetensors", "radar.safetensors"]


def test_columns_sort_by_what_they_mean(manager, folder, build):
    put(folder, build, "small.safetensors")
    dialog = manager()
    dialog.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    sizes = [dialog.table.filter.index(row, 3).data(Qt.ItemDataRole.UserRole) for row in range(10)]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 2e9


def test_what_cannot_be_read_is_shown_with_the_reason(manager, folder, build):
    (folder / "notes.safetensors").write_bytes(b"no checkpoint at all")
    (folder / "weights.pth").write_bytes(b"pickled")
    (folder / ".half.safetensors").write_bytes(b"being written")
    (folder / "readme.txt").write_text("nothing to do with it")
    dialog = manager()
    assert names(dialog, "unreadable") == ["notes.safetensors", "weights.pth"]
    assert ".half.safetensors" not in names(dialog) and "readme.txt" not in names(dialog)
    choose(dialog, folder / "notes.safetensors")
    assert "is not a checkpoint" in dialog.card.toPlainText()
    choose(dialog, folder / "weights.pth")
    assert "Import an encoder" in dialog.card.toPlainText()
    enabled = {name for name, button in dialog.commands.buttons.items() if button.isEnabled()}
    assert enabled == {"show", "remove"}


def test_the_card_says_what_it_is_and_how_it_was_made(manager, folder, build, legend):
    provenance = {
        "method": "fine-tuned: frozen",
        "data": [{"role": "optical", "name": "s2.tif"}, {"role": "optical", "name": "s2.tif"}],
        "labels": [{"name": "Water", "features": 7, "pixels": 90}],
        "split": "every fifth feature is held out",
        "metrics": {"oa": 0.91234, "macro": {"f1": 0.88, "iou": 0.8}},
        "licence": "CC-BY-4.0 <mine>",
        "notes": ["Made in summer."],
    }
    path = put(folder, build, "fields.safetensors", provenance, legend=legend)
    dialog = manager()
    choose(dialog, path)
    text = dialog.card.toPlainText()
    for part in ("3 classes: Water, Forest, Town", "It needs", "CC-BY-4.0 <mine>", "Made in summer.", "Water 7"):
        assert part in text
    for part in ("fine-tuned: frozen", "every fifth feature", "overall accuracy 0.912, macro F1 0.880, mean IoU 0.800"):
        assert part in text
    assert text.count("s2.tif") == 1 and "Nowhere that LandSketch knows of" in text
    page = Path(dialog.card.write_page()).read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "fields.safetensors" in page


def test_every_published_encoder_has_a_card_with_its_licence(manager):
    dialog = manager()
    for entry in dialog.table.checkpoints.entries:
        choose(dialog, entry.key)
        text = dialog.card.toPlainText()
        assert entry.licence in text and "It needs" in text
    dialog.table.choose("galileo-nano")
    assert "4.0 MB" in dialog.card.toPlainText() and "github.com" in dialog.card.toPlainText()


def test_it_says_which_rasters_were_made_with_a_checkpoint(manager, folder, build, legend, tmp_path):
    path = put(folder, build, "fields.safetensors", legend=legend)
    other = put(folder, build, "other.safetensors", legend=legend, roles=("sar",))
    raster_layer(build, tmp_path, "proven", made_with(path, digest_of(path)))
    raster_layer(build, tmp_path, "older", made_with(path, "0" * 64))
    raster_layer(build, tmp_path, "moved", made_with("/gone/fields.safetensors", digest_of(path)))
    raster_layer(build, tmp_path, "stranger", made_with("/gone/fields.safetensors", "1" * 64))
    raster_layer(build, tmp_path, "both", made_with(path, members=[other]))
    raster_layer(build, tmp_path, "weighted", made_with(path, members=[other], weights=[1.0, 0.0]))
    raster_layer(build, tmp_path, "plain", {"LANDSKETCH_JOB": "cut off {"})
    dialog = manager()
    choose(dialog, path)
    text = dialog.card.toPlainText()
    assert "Layer 'proven' was made with it." in text and "Layer 'moved' was made with it." in text
    assert "Layer 'older' was made with an earlier state of this file." in text
    assert "Layer 'both' was made with it, as a member of an ensemble of 2." in text
    assert "Layer 'weighted' was made with it." in text
    assert "stranger" not in text and "plain" not in text
    choose(dialog, other)
    text = dialog.card.toPlainText()
    assert "both" in text and "weighted" not in text and "proven" not in text


def test_it_says_what_descends_from_a_checkpoint(manager, folder, build, legend, choice):
    parent = put(folder, build, "parent.safetensors")
    put(folder, build, "child.safetensors", {"parent": "parent.safetensors and radar.safetensors"}, legend=legend)
    exported = {"parent": "parent.safetensors", "export": {"checkpoint": "child.safetensors"}}
    put(folder, build, "copy.safetensors", exported, legend=legend)
    put(folder, build, "nano.safetensors", {"method": "imported", "encoder": "galileo-nano"})
    choice[0] = parent
    dialog = manager()
    choose(dialog, parent)
    uses = dialog.uses(dialog.table.current())
    assert uses == ["It is chosen in the dock.", "'child.safetensors' was made from a checkpoint of this name."]
    choose(dialog, folder / "child.safetensors")
    assert "'copy.safetensors' was exported from a checkpoint of this name." in dialog.card.toPlainText()
    choose(dialog, "galileo-nano")
    assert "Imported as 'nano.safetensors'." in dialog.card.toPlainText()
    choice[0] = ""
    (bundled,) = [entry for entry in dialog.table.checkpoints.entries if entry.state == "bundled"]
    assert "default encoder" in dialog.uses(bundled)[0]


def test_the_folder_is_watched(manager, folder, build):
    dialog = manager()
    put(folder, build, "new.safetensors")
    wait(lambda: "new.safetensors" in names(dialog))
    choose(dialog, folder / "new.safetensors")
    put(folder, build, "another.safetensors")
    wait(lambda: "another.safetensors" in names(dialog))
    assert dialog.table.current().name == "new.safetensors"
    (folder / "new.safetensors").unlink()
    wait(lambda: "new.safetensors" not in names(dialog))
    dialog.close()
    put(folder, build, "meanwhile.safetensors")
    dialog.show()
    wait(lambda: "meanwhile.safetensors" in names(dialog))


def test_another_folder_is_kept_in_the_settings(manager, folder, build, tmp_path):
    from landsketch.ui.checkpoints import store

    second = tmp_path / "second"
    second.mkdir()
    put(second, build, "there.safetensors")
    dialog = manager()
    dialog.folder.setFilePath(str(second))
    wait(lambda: "there.safetensors" in names(dialog))
    assert store.folder() == str(second)
    store.set_folder(store.default_folder())
    assert not QgsSettings().contains(store._FOLDER)


def test_a_checkpoint_is_copied_into_the_folder_and_nothing_overwritten(manager, folder, build, legend):
    before = put(folder, build, "fields.safetensors")
    content = Path(before).read_bytes()
    source = build.checkpoint("fields.safetensors", legend=legend)
    dialog = manager()
    dialog.importing.copied.emit(source)
    wait(lambda: "fields-2.safetensors" in names(dialog))
    assert Path(before).read_bytes() == content
    assert (folder / "fields-2.safetensors").read_bytes() == Path(source).read_bytes()
    assert Path(source).exists() and dialog.table.current().name == "fields-2.safetensors"
    assert sorted(os.listdir(folder)) == ["fields-2.safetensors", "fields.safetensors"]


def test_what_is_no_checkpoint_is_not_copied(manager, folder, tmp_path):
    (tmp_path / "photo.safetensors").write_bytes(b"not weights")
    dialog = manager()
    dialog.importing.copied.emit(str(tmp_path / "photo.safetensors"))
    wait(lambda: not dialog.work.busy)
    assert "is not a checkpoint" in dialog.work.message.text()
    assert os.listdir(folder) == []


def test_a_file_can_be_listed_where_it_is(manager, folder, build, monkeypatch):
    path = build.checkpoint("elsewhere.safetensors")
    dialog = manager()
    dialog.importing.listed.emit(path)
    wait(lambda: "elsewhere.safetensors" in names(dialog, "local"))
    assert dialog.table.current().name == "elsewhere.safetensors"
    os.remove(path)
    dialog.watch.refresh()
    wait(lambda: "elsewhere.safetensors" in names(dialog, "missing"))
    asked = []
    monkeypatch.setattr(dialog, "agreed", lambda text: asked.append(text) or True)
    choose(dialog, path)
    press(dialog, "remove")
    wait(lambda: "elsewhere.safetensors" not in names(dialog))
    assert len(asked) == 1 and "off this list" in asked[0]


def test_taking_a_listed_file_off_the_list_leaves_the_file(manager, folder, build, monkeypatch):
    path = build.checkpoint("elsewhere.safetensors")
    dialog = manager()
    dialog.importing.listed.emit(path)
    wait(lambda: "elsewhere.safetensors" in names(dialog))
    monkeypatch.setattr(dialog, "agreed", lambda text: True)
    press(dialog, "remove")
    wait(lambda: "elsewhere.safetensors" not in names(dialog))
    assert os.path.exists(path)


@pytest.fixture
def weights():
    server = Weights()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def downloading(monkeypatch, build, weights, tmp_path):
    from landsketch.bridge import client, environment

    digest = hashlib.sha256(weights.content).hexdigest()
    engine = DownloadingEngine(build, weights.url, digest, tmp_path / "downloads")
    monkeypatch.setattr(client, "engine", lambda: engine)
    monkeypatch.setattr(environment, "missing_reason", lambda: "")
    return engine


def test_an_encoder_is_downloaded_into_the_folder(manager, folder, downloading, weights):
    weights.pause = 0.03
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    seen = []
    dialog.work.bar.valueChanged.connect(seen.append)
    assert dialog.work.busy and not dialog.commands.buttons["download"].isEnabled()
    wait(lambda: not dialog.work.busy)
    wait(lambda: "galileo-nano.safetensors" in names(dialog, "local"))
    assert any(0 < share < 100 for share in seen)
    assert downloading.specs[0].encoder == "galileo-nano" and downloading.specs[0].path == ""
    assert dialog.table.current().path == str(folder / "galileo-nano.safetensors")
    assert "is there" in dialog.work.message.text()


def test_a_download_can_be_cancelled(manager, folder, downloading, weights):
    weights.pause = 0.3
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    wait(lambda: dialog.work.bar.value() > 0)
    dialog.work.stop.click()
    wait(lambda: not dialog.work.busy, seconds=2)
    assert dialog.work.message.text() == "Cancelled." and os.listdir(folder) == []
    assert dialog.commands.buttons["download"].isEnabled()


def test_a_download_that_fails_says_why(manager, folder, downloading):
    downloading.sha256 = "0" * 64
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    wait(lambda: not dialog.work.busy)
    assert "not the one that was published" in dialog.work.message.text()
    assert os.listdir(folder) == []


def test_without_an_engine_a_download_says_what_is_missing(manager, folder, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_PYTHON", "/no/such/python")
    dialog = manager()
    choose(dialog, "galileo-nano")
    press(dialog, "download")
    assert not dialog.work.busy and "/no/such/python" in dialog.work.message.text()


@pytest.mark.slow
def test_the_real_engine_imports_what_was_downloaded(manager, folder, real_engine, monkeypatch, tmp_path):
    from landsketch.bridge import client, environment

    if not GALILEO.is_file():
        pytest.skip(f"{GALILEO} is missing")
    # As if the download were through: there is no internet here.
    monkeypatch.setenv("LANDSKETCH_PYTHON", environment.find_python())
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "downloads" / "galileo-nano").mkdir(parents=True)
    shutil.copy(GALILEO, tmp_path / "home" / "downloads" / "galileo-nano" / "encoder.pt")
    engine = client.Engine()
    monkeypatch.setattr(client, "engine", lambda: engine)
    try:
        dialog = manager()
        choose(dialog, "galileo-nano")
        press(dialog, "download")
        wait(lambda: not dialog.work.busy, seconds=120)
        assert "is there" in dialog.work.message.text()
        wait(lambda: "galileo-nano.safetensors" in names(dialog, "local"))
        choose(dialog, folder / "galileo-nano.safetensors")
        assert "MIT" in dialog.card.toPlainText()
        assert "Imported as 'galileo-nano.safetensors'." in dialog.uses(
            next(entry for entry in dialog.table.checkpoints.entries if entry.key == "galileo-nano")
        )
    finally:
        engine.close()


def test_what_has_to_be_downloaded_by_hand_opens_its_page(manager, monkeypatch):
    pages = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: pages.append(url))
    dialog = manager()
    choose(dialog, "dual-simclr-swin-t")
    assert "by hand" in dialog.card.toPlainText()
    press(dialog, "download")
    assert pages == [QUrl(encoder("dual-simclr-swin-t").url)]
    assert not dialog.work.busy


def test_dialogs_open_with_the_checkpoint_filled_in(manager, folder, build, legend, opened):
    path = put(folder, build, "fields.safetensors", legend=legend)
    encoder = put(folder, build, "encoder.safetensors")
    dialog = manager()
    choose(dialog, path)
    for name in ("finetune", "classify", "export"):
        press(dialog, name)
    dialog.importing.published.emit()
    names_opened = [algorithm for algorithm, _ in opened]
    assert names_opened[:3] == ["landsketch:finetune", "landsketch:classify", "landsketch:exportonnx"]
    assert all(given == {"CHECKPOINT": path} for _, given in opened[:3])
    assert opened[3] == ("landsketch:importcheckpoint", {"OUTPUT": str(folder / "imported.safetensors")})
    for algorithm, given in opened:
        definitions = QgsApplication.processingRegistry().algorithmById(algorithm).parameterDefinitions()
        assert set(given) <= {definition.name() for definition in definitions}
    choose(dialog, encoder)
    assert not dialog.commands.buttons["classify"].isEnabled()
    assert not dialog.commands.buttons["export"].isEnabled()


def test_a_patch_classifier_opens_the_dialog_for_patches(manager, folder, build, legend, opened):
    card = build.card_of(legend=legend)
    card = build.replace(card, architecture={**card.architecture, "scene_head": {"multilabel": False}})
    shutil.move(build.written("patches.safetensors", card), folder)
    dialog = manager()
    choose(dialog, folder / "patches.safetensors")
    press(dialog, "classify")
    assert opened == [("landsketch:classifyscenes", {"CHECKPOINT": str(folder / "patches.safetensors")})]
    assert not dialog.commands.buttons["export"].isEnabled()


def test_the_bundled_encoder_can_be_used_but_not_deleted(manager):
    dialog = manager()
    used = []
    dialog.used.connect(used.append)
    choose(dialog, dialog.table.checkpoints.entries[0].key)
    assert dialog.table.current().state == "bundled"
    press(dialog, "use")
    assert used == [""]
    assert not dialog.commands.buttons["remove"].isEnabled()
    dialog.delete()
    assert os.path.exists(dialog.table.current().path)


@pytest.fixture
def trash(monkeypatch, tmp_path):
    """A trash of its own, as the desktop's standard has it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash" / "files"


def test_deleting_asks_says_where_it_is_used_and_moves_to_the_trash(manager, folder, build, trash, monkeypatch):
    path = put(folder, build, "parent.safetensors")
    put(folder, build, "child.safetensors", {"parent": "parent.safetensors"})
    dialog = manager()
    choose(dialog, path)
    asked, answers = [], [False, True]
    monkeypatch.setattr(dialog, "agreed", lambda text: asked.append(text) or answers.pop(0))
    press(dialog, "remove")
    assert os.path.exists(path)
    assert "'child.safetensors' was made from a checkpoint of this name." in asked[0] and path in asked[0]
    press(dialog, "remove")
    wait(lambda: "parent.safetensors" not in names(dialog))
    assert not os.path.exists(path) and len(asked) == 2
    assert (trash / "parent.safetensors").is_file()


def test_without_a_trash_it_asks_again_and_deletes_for_good(manager, folder, build, monkeypatch):
    from landsketch.ui.checkpoints import deleting

    path = put(folder, build, "old.safetensors")
    monkeypatch.setattr(deleting.QFile, "moveToTrash", lambda path: (False, ""))
    dialog = manager()
    choose(dialog, path)
    asked, answers = [], [True, False, True, True]
    monkeypatch.setattr(dialog, "agreed", lambda text: asked.append(text) or answers.pop(0))
    press(dialog, "remove")
    assert os.path.exists(path) and "for good" in asked[1]
    press(dialog, "remove")
    assert not os.path.exists(path)


def test_a_checkpoint_that_a_job_uses_is_not_deleted(manager, folder, build, trash, monkeypatch):
    from landsketch.bridge import client
    from landsketch.core.specs import ClassifySpec, SourceSpec

    path = put(folder, build, "busy.safetensors")
    engine = client.Engine()
    monkeypatch.setattr(client, "engine", lambda: engine)
    spec = ClassifySpec("first.safetensors", (SourceSpec("optical", "a.tif"),), "map.tif", members=(path,))
    entered, leave = threading.Event(), threading.Event()

    def run(worker, spec, feedback):
        entered.set()
        leave.wait(10)
        return {}

    monkeypatch.setattr(engine, "_ready_worker", lambda feedback: None)
    monkeypatch.setattr(engine, "_run_in", run)

    class Feedback:
        def is_cancelled(self):
            return False

    job = threading.Thread(target=engine.run, args=(spec, Feedback()))
    job.start()
    try:
        assert entered.wait(5)
        dialog = manager()
        choose(dialog, path)
        monkeypatch.setattr(dialog, "agreed", lambda text: True)
        press(dialog, "remove")
        assert os.path.exists(path) and "A job uses 'busy.safetensors' now." in dialog.work.message.text()
    finally:
        leave.set()
        job.join()
    assert engine.job is None
    press(dialog, "remove")
    wait(lambda: "busy.safetensors" not in names(dialog))


def test_enter_in_the_search_line_presses_nothing(manager):
    dialog = manager()
    assert not any(
        button.autoDefault() for button in dialog.findChildren(QAbstractButton) if hasattr(button, "autoDefault")
    )


def test_each_letter_of_the_keyboard_means_one_thing(manager):
    dialog = manager()
    texts = [label.text() for label in dialog.findChildren(QLabel) if label.buddy() is not None]
    texts += [button.text() for button in dialog.findChildren(QAbstractButton)]
    for key in ("galileo-nano", "dual-simclr-swin-t", dialog.table.checkpoints.entries[0].key):
        choose(dialog, key)
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(letters) == len(set(letters)), letters


def test_reading_many_cards_does_not_hold_up_the_main_thread(manager, folder, build, legend):
    for number in range(300):
        put(folder, build, f"model-{number}.safetensors", legend=legend)
    dialog = manager()
    wait(lambda: not dialog.watch.busy)
    for _ in range(20):  # what the window has to draw when it opens
        QgsApplication.processEvents()
    longest = 0.0
    dialog.watch.refresh()
    while dialog.watch.busy:
        before = time.thread_time()  # not the wall's clock: other programs may hold up this one
        QgsApplication.processEvents()
        longest = max(longest, time.thread_time() - before)
    assert len(names(dialog, "local")) == 300
    assert longest < 0.1, f"the main thread was busy for {longest:.3f} s"


class Interface:
    """The part of QGIS's window interface that the toolbar and the dock use, on a real window and a real canvas."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.window.setCentralWidget(self.canvas)

    def __getattr__(self, name):
        return lambda *given: None  # menus and the like, which are not the matter here

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)


def test_the_dock_opens_the_manager_and_takes_the_choice(qgis_app, provider, project, folder, build):
    from landsketch.ui.toolbar import Toolbar

    path = put(folder, build, "mine.safetensors")
    iface = Interface()
    toolbar = Toolbar(iface)
    iface.window.show()
    try:
        toolbar.show_dock(True)
        model = toolbar._dock.model
        model.manage_button.click()
        dialog = toolbar._checkpoints
        assert dialog.isVisible() and not dialog.isModal()
        wait(lambda: dialog.table.checkpoints.entries)
        choose(dialog, path)
        press(dialog, "use")
        assert model.own.isChecked() and model.checkpoint() == path and model.done
        assert "It is chosen in the dock." in dialog.card.toPlainText()
        choose(dialog, dialog.table.checkpoints.entries[0].key)
        press(dialog, "use")
        assert model.checkpoint() == ""
        model.own.setChecked(True)
        model.file.setFilePath("")
        assert toolbar._dock_choice() is None
    finally:
        toolbar.remove()
        iface.window.close()
        wait(idle)


def test_a_card_of_another_kind_is_named_rightly(build, legend):
    from landsketch.ui.checkpoints.entries import Entry, kind, sensors

    card = build.card_of(legend=legend)
    clusters = build.replace(card, provenance={"method": "clustered: k-means on frozen features"})
    assert kind(Entry("a.safetensors", "local", "a.safetensors", card=clusters)) == "clusters"
    assert kind(Entry("a.onnx", "local", "a.onnx", card=card)) == "classifier (ONNX)"
    assert kind(Entry("a.pth", "unreadable", "a.pth")) == ""
    dated = build.replace(card.sources[0], dates=("2020-05-14", "2020-06-01"))
    series = Card({}, (dated, build.replace(dated, sensor="any", bands=(), dates=())), 64, 0)
    assert sensors(Entry("a", "local", "a", card=series)) == "S2 L2A (10 × 2), any optical sensor"
