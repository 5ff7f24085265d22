"""The dialog that says what bands are: real files, real tables, real drops and keys."""

import numpy as np
import pytest
from mnemonics import leading_nowhere
from patience import idle, waiting
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication, QMimeData, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QDropEvent, QPalette
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialogButtonBox, QMainWindow

MIME = "application/x-landsketch-band"
NAMES = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")


wait = waiting(20)


@pytest.fixture
def pixels(scene):
    """(band, y, x) of the Sentinel-2-like scene."""
    from osgeo import gdal

    return gdal.Open(scene["optical"]).ReadAsArray()


@pytest.fixture
def layer(tmp_path, build, project):
    """Makes a layer of a file in the project."""

    def make(name, values, descriptions=(), **more):
        made = QgsRasterLayer(build.write_raster(tmp_path / name, values, descriptions, **more), name.split(".")[0])
        project.addMapLayer(made)
        return made

    return make


@pytest.fixture
def opened(qgis_app, qgis_processing):
    """Opens the dialog, waits until the values are judged, and closes it in the end."""
    from landsketch.ui.bands.dialog import BandDialog

    dialogs = []

    def open_dialog(layer, role="optical", any_role=False):
        dialog = BandDialog(layer, role, any_role)
        dialogs.append(dialog)
        dialog.show()
        settle(dialog)
        return dialog

    yield open_dialog
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()
    wait(idle)
    QCoreApplication.sendPostedEvents(None, 0)


def settle(dialog):
    """Waits until what is stated has been judged."""
    wait(lambda: dialog._task is None)


def drop(view, row, band):
    """Drops a band on a row of a view, by the event that Qt sends."""
    mime = QMimeData()
    mime.setData(MIME, str(band).encode())
    place = view.visualRect(view.model().index(row, 0)).center()
    view.scrollTo(view.model().index(row, 0))
    place = view.visualRect(view.model().index(row, 0)).center()
    kinds = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    try:
        event = QDropEvent(QPointF(place), *kinds)
    except TypeError:
        event = QDropEvent(QPoint(place), *kinds)
    view.dropEvent(event)


def choose(combo, place):
    """Chooses from a list as a person does."""
    combo.setCurrentIndex(place)
    combo.activated.emit(place)


def row_of(dialog, name):
    return [role.name for role in dialog.draft.roles].index(name)


def finetune_spec(algorithm, recording_engine, layer, labels, tmp_path, **more):
    """What the engine is told about a layer by an algorithm of which nothing is stated."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    parameters = {"OPTICAL": layer, "LABELS": labels, "OUTPUT": str(tmp_path / "model.safetensors"), **more}
    _, done = algorithm("finetune").run(parameters, context, QgsProcessingFeedback())
    assert done
    return recording_engine.specs[-1].sources[0]


def test_bands_in_a_wrong_order_are_noticed_and_put_right_by_dropping(layer, pixels, opened):
    from landsketch.algorithms.sources import raster_source

    order = [2, 1, 0, *range(3, 10)]
    image = layer("s2_l2a.tif", pixels[order])
    dialog = opened(image)
    assert dialog.draft.sensor == "sentinel-2-l2a" and dialog.draft.names == NAMES
    drop(dialog.role_view, row_of(dialog, "B02"), 2)
    assert dialog.draft.names == ("B04", "B03", "B02", *NAMES[3:])  # they changed places: no role twice, none lost
    dialog.accept()
    source = raster_source(image, "optical")
    assert source.spec.bands == source.match.bands == ("B04", "B03", "B02", *NAMES[3:])
    assert source.spec.sensor == "sentinel-2-l2a" and source.spec.units == "auto" and source.spec.offset is None


def test_swapped_bands_of_a_likely_scene_are_named(layer, opened):
    """Pixels of which the engine's model of spectra says the order."""
    random = np.random.default_rng(0)
    n = 64 * 64
    green, dry = random.uniform(0, 1, (2, n))
    blue = 300 + 500 * dry + random.normal(0, 20, n)
    spectra = [blue, 500 + 550 * dry + 100 * green, 350 + 1100 * dry, 900 + 1000 * dry + 200 * green]
    spectra += [1200 + 1500 * green + 300 * dry, 1300 + 2000 * green + 300 * dry, 1400 + 2100 * green + 300 * dry]
    spectra += [1500 + 2200 * green + 300 * dry, 1100 + 1800 * dry, 500 + 1700 * dry]
    values = np.array(spectra).reshape(10, 64, 64).clip(1).astype("uint16")
    right = opened(layer("s2_l2a_right.tif", values))
    assert "swapped" not in right.values.words.text()
    wrong = opened(layer("s2_l2a_wrong.tif", values[[6, 1, 2, 3, 4, 5, 0, 7, 8, 9]]))
    assert "B02 and B08" in wrong.values.words.text() and "swapped" in wrong.values.words.text()
    drop(wrong.role_view, row_of(wrong, "B02"), 6)
    settle(wrong)
    assert "swapped" not in wrong.values.words.text()


def test_dropping_on_the_file_leaves_a_band_out_and_ok_needs_one(layer, pixels, opened):
    from landsketch.algorithms.sources import raster_source

    image = layer("s2_l2a.tif", pixels[[0, 1, 2, 6]])
    dialog = opened(image)
    drop(dialog.file_view, 0, 3)
    assert dialog.draft.names == ("B02", "B03", "B04", "")
    assert dialog.files.text(3, 2) == "not used" and "1 not used" in dialog.guess.text()
    drop(dialog.role_view, row_of(dialog, "B05"), 0)  # from one role to a free one
    assert dialog.draft.names == ("B05", "B03", "B04", "")
    drop(dialog.role_view, row_of(dialog, "B03"), 3)  # one without a role takes another's
    assert dialog.draft.names == ("B05", "", "B04", "B03")
    dialog.accept()
    assert raster_source(image, "optical").match.bands == ("B05", "", "B04", "B03")
    again = opened(image)
    assert again.draft.names == ("B05", "", "B04", "B03")
    for band in range(4):
        again.assignment.drop(band)
    assert not again.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_what_is_dragged_is_a_band_of_the_file(layer, pixels, opened):
    dialog = opened(layer("s2_l2a.tif", pixels[[0, 1, 2, 6]]))
    mime = dialog.files.mimeData([dialog.files.index(3, 0)])
    free = dialog.roles.index(row_of(dialog, "B8A"), 0)
    assert dialog.roles.dropMimeData(mime, Qt.DropAction.CopyAction, -1, -1, free)
    assert dialog.draft.names[3] == "B8A"
    back = dialog.roles.mimeData([free])
    assert bytes(back.data(MIME)) == b"3"
    none = dialog.roles.mimeData([dialog.roles.index(row_of(dialog, "B12"), 0)])
    assert none is None  # it has no band
    assert not dialog.roles.canDropMimeData(QMimeData(), Qt.DropAction.CopyAction, -1, -1, free)


def test_the_keyboard_alone_moves_chooses_and_leaves_out(layer, pixels, opened):
    dialog = opened(layer("s2_l2a.tif", pixels[[0, 1, 2, 6]]))
    view = dialog.role_view
    view.selectRow(row_of(dialog, "B02"))
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert dialog.draft.names == ("B03", "B02", "B04", "B08")
    assert view.currentIndex().row() == row_of(dialog, "B03")  # the band stays chosen
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert dialog.draft.names == ("B02", "B03", "B04", "B08")
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert dialog.draft.names == ("", "B03", "B04", "B08")
    QTest.keyClick(view, Qt.Key.Key_Return)
    editor = view.indexWidget(view.currentIndex()) or view.findChild(type(dialog.sensor))
    choose(editor, 1)  # '1'
    assert dialog.draft.names == ("B02", "B03", "B04", "B08")
    values = dialog.values
    dialog.sensor.setFocus()
    for widget in (dialog.file_view, dialog.role_view, values.units, values.offset):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is widget
    assert not leading_nowhere(dialog)


def test_the_offset_is_found_stated_and_told_to_the_engine(
    layer, pixels, opened, algorithm, recording_engine, labels, tmp_path
):
    image = layer("s2_l2a.tif", pixels + np.uint16(1000), NAMES)
    dialog = opened(image)
    assert dialog.values.offset.currentText() == "found: 1000"
    stored, read = dialog.values.histogram.strips()
    assert read.usual == (180, 1280) and stored.ends == read.ends
    assert np.average(np.linspace(*read.ends, 96), weights=read.counts) == pytest.approx(
        np.average(np.linspace(*stored.ends, 96), weights=stored.counts) - 1000, abs=60
    )
    choose(dialog.values.offset, 1)
    settle(dialog)
    words = dialog.values.words.text()
    assert "read without an offset" in words and "Is the offset of 1000 still in?" in words
    assert dialog.values.histogram.accessibleDescription() == words
    choose(dialog.values.offset, 2)
    settle(dialog)
    assert "offset" not in dialog.values.words.text()
    dialog.accept()
    assert finetune_spec(algorithm, recording_engine, image, labels, tmp_path).offset == 1000
    stated = {"OPTICAL_OFFSET": 0}  # a tool's own parameter goes before
    assert finetune_spec(algorithm, recording_engine, image, labels, tmp_path, **stated).offset == 0
    other = {"OPTICAL_SENSOR": "generic"}
    assert finetune_spec(algorithm, recording_engine, image, labels, tmp_path, **other).offset is None


def test_an_offset_removed_that_was_never_there_is_asked_about(layer, pixels, opened):
    dialog = opened(layer("s2_l2a.tif", pixels, NAMES))
    assert dialog.values.offset.currentText() == "found: 0"
    choose(dialog.values.offset, 2)
    settle(dialog)
    assert "would become zero" in dialog.values.words.text()
    assert "Is there no offset in the file?" in dialog.values.words.text()


@pytest.mark.parametrize(("stored", "other"), [("db", "linear"), ("linear", "db")])
def test_radar_units_are_found_and_a_wrong_choice_is_refused(layer, scene, opened, stored, other):
    from landsketch.algorithms.sources import raster_source
    from osgeo import gdal

    values = gdal.Open(scene["sar"]).ReadAsArray()
    image = layer("s1_rtc.tif", values if stored == "db" else (10 ** (values / 10)).astype("float32"), ("VV", "VH"))
    dialog = opened(image, "sar")
    units = dialog.values.units
    assert units.currentText() == {"db": "found: decibels (dB)", "linear": "found: linear power"}[stored]
    assert dialog.values.histogram.strips()[1].usual == (-19, -4) and not dialog.values.offset.isVisible()
    choose(units, units.findData(other))
    settle(dialog)
    assert f"was stated as {'dB' if other == 'db' else 'linear power'}" in dialog.values.words.text()
    assert len(dialog.values.histogram.strips()) == 1  # it cannot be read so
    choose(units, units.findData(stored))
    dialog.accept()
    assert raster_source(image, "sar").spec.units == stored


def test_swapped_polarisations_are_noticed(layer, scene, opened):
    from osgeo import gdal

    values = gdal.Open(scene["sar"]).ReadAsArray()
    dialog = opened(layer("s1_rtc.tif", values[::-1].copy()), "sar")
    assert "look swapped" in dialog.values.words.text()
    dialog.role_view.selectRow(0)
    QTest.keyClick(dialog.role_view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle(dialog)
    assert dialog.draft.names == ("VH", "VV") and "swapped" not in dialog.values.words.text()


def test_another_sensor_brings_its_roles_and_back_is_the_guess(layer, pixels, opened):
    from landsketch.algorithms.readings import kept_reading

    image = layer("s2_l2a.tif", pixels, NAMES)
    dialog = opened(image)
    assert dialog.draft.reading() is None and not dialog.back.isEnabled()
    choose(dialog.sensor, dialog.sensor.findText("Sentinel-2 L1C"))
    assert dialog.draft.names == NAMES and len(dialog.draft.roles) == 13
    choose(dialog.sensor, dialog.sensor.findText("Landsat 8/9"))
    assert dialog.roles.rowCount() == 11 and not dialog.values.units.isEnabled()
    dialog.accept()
    assert kept_reading(image).sensor == "landsat-8"
    again = opened(image)
    assert again.sensor.currentText() == "Landsat 8/9" and "as you state" in again.guess.text()
    again.back.click()
    assert again.draft.sensor == "sentinel-2-l2a" and again.draft.names == NAMES
    again.accept()
    assert kept_reading(image) is None


def test_bands_of_any_image_are_renamed(layer, pixels, opened):
    from landsketch.algorithms.sources import raster_source

    image = layer("planet.tif", pixels[:4])
    dialog = opened(image)
    assert dialog.draft.sensor == "generic"
    assert dialog.roles.setData(dialog.roles.index(1, 0), "near infrared")
    assert not dialog.roles.setData(dialog.roles.index(2, 0), "near infrared")  # it is taken
    dialog.assignment.drop(3)
    dialog.accept()
    assert raster_source(image, "optical").match.bands == ("band 1", "near infrared", "band 3", "")
    again = opened(image)
    assert again.draft.names == ("band 1", "near infrared", "band 3", "")
    assert [role.name for role in again.draft.roles] == ["band 1", "near infrared", "band 3", "band 4"]


@pytest.mark.parametrize(("fill", "declared"), [(0, None), (9999, 9999)])
def test_no_data_and_fill_are_not_counted(layer, pixels, opened, fill, declared):
    values = pixels.copy()
    values[:, :40] = fill
    dialog = opened(layer("s2_l2a.tif", values, NAMES, no_data=declared))
    low, high = dialog.values.histogram.strips()[0].ends
    assert low > 0 and high < 5000
    assert dialog.files.text(0, 3) == f"{np.percentile(values[0][40:], 2):.4g}"


def test_cancel_keeps_nothing_and_stops_the_tasks(layer, pixels, opened):
    from landsketch.algorithms.readings import kept_reading

    image = layer("s2_l2a.tif", pixels, NAMES)
    dialog = opened(image)
    drop(dialog.role_view, row_of(dialog, "B02"), 2)
    dialog.reject()
    assert kept_reading(image) is None
    wait(idle)


def test_the_histogram_takes_the_colours_of_the_theme(layer, pixels, opened):
    """Drawn on dark ground, its text and bars are light."""
    dialog = opened(layer("s2_l2a.tif", pixels, NAMES))
    histogram = dialog.values.histogram
    histogram.resize(400, 240)

    def brightest():
        image = histogram.grab().toImage()
        every = range(0, image.width(), 3), range(0, image.height(), 3)
        return max(image.pixelColor(x, y).lightness() for x in every[0] for y in every[1])

    palette = QPalette(histogram.palette())
    palette.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.black)
    palette.setColor(QPalette.ColorRole.WindowText, Qt.GlobalColor.white)
    histogram.setPalette(palette)
    histogram.setAutoFillBackground(True)
    assert brightest() > 120
    palette.setColor(QPalette.ColorRole.WindowText, Qt.GlobalColor.black)
    palette.setColor(QPalette.ColorRole.Highlight, Qt.GlobalColor.black)
    histogram.setPalette(palette)
    histogram.show_strips(tuple(type(one)(one.title, one.counts, one.ends) for one in histogram.strips()))
    assert brightest() == 0


def test_a_reading_survives_the_project_and_nonsense_is_ignored(layer, pixels, tmp_path, project):
    from landsketch.algorithms.readings import PROPERTY, Reading, keep_reading, kept_reading

    image = layer("s2_l2a.tif", pixels[:4])
    reading = Reading("optical", "sentinel-2-l2a", "dn", ("B04", "-", "B02", "B08"), 0.0)
    keep_reading(image, reading)
    path = str(tmp_path / "project.qgz")
    assert project.write(path)
    project.clear()
    assert project.read(path)
    image = next(iter(project.mapLayers().values()))
    assert kept_reading(image) == reading
    for nonsense in ("", "{", "[]", '{"role": "optical"}', '{"role": "optical", "sensor": "x", "bands": []}'):
        image.setCustomProperty(PROPERTY, nonsense)
        assert kept_reading(image) is None


def test_the_dock_opens_the_dialog_and_takes_what_it_keeps(layer, pixels, qgis_app, qgis_processing):
    from landsketch.ui.bands.dialog import BandDialog
    from landsketch.ui.dock.scene_step import SceneStep

    image = layer("scene.tif", pixels[:4])
    window = QMainWindow()
    step = SceneStep(window)
    window.setCentralWidget(step)
    window.show()
    step.optical.combo.setLayer(image)
    assert "any bands" in step.optical.found.text() and "OPTICAL_BANDS" not in step.parameters()
    told = []
    step.changed.connect(lambda: told.append(True))
    step.optical.fix.click()
    dialog = window.findChild(BandDialog)
    wait(lambda: dialog._task is None)
    assert [dialog.sensor.itemText(i) for i in range(dialog.sensor.count())][-1] == "Any other image"
    choose(dialog.sensor, dialog.sensor.findText("Sentinel-2 L2A"))
    for band, name in enumerate(NAMES[:3]):
        dialog.assignment.assign(row_of(dialog, name), band)
    dialog.assignment.drop(3)
    choose(dialog.values.offset, 1)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    wait(lambda: dialog._task is None)
    assert told and "Sentinel-2 L2A · 3 bands: B02 B03 B04 · offset 0 · as you stated" in step.optical.found.text()
    found = step.parameters()
    assert (found["OPTICAL_SENSOR"], found["OPTICAL_BANDS"]) == ("Sentinel-2 L2A", "B02,B03,B04,-")
    assert found["OPTICAL_OFFSET"] == 0 and "OPTICAL_UNITS" not in found
    assert step.sources()[0].match.bands == ("B02", "B03", "B04", "")
    window.close()
    window.deleteLater()


def test_the_menu_of_a_layer_opens_the_dialog_for_any_role(layer, scene, qgis_app, qgis_processing):
    from landsketch.algorithms.readings import kept_reading
    from landsketch.ui.bands.menu import BandMenu
    from osgeo import gdal

    class Interface:
        def __init__(self):
            self.window, self.actions, self.warnings = QMainWindow(), [], []

        def mainWindow(self):
            return self.window

        def addCustomActionForLayerType(self, action, menu, kind, all_layers):
            self.actions.append((action, all_layers))

        def removeCustomActionForLayerType(self, action):
            self.actions = [one for one in self.actions if one[0] is not action]

        def activeLayer(self):
            return self.layer

        def messageBar(self):
            return self

        def pushWarning(self, title, text):
            self.warnings.append(text)

    iface = Interface()
    menu = BandMenu(iface)
    assert iface.actions == [(menu.action, True)]
    iface.layer = layer("radar.tif", gdal.Open(scene["sar"]).ReadAsArray(), ("VV", "VH"))
    dialog = menu.open()
    wait(lambda: dialog._task is None)
    assert dialog.draft.role == "sar" and dialog.sensor.count() > 10
    choose(dialog.sensor, dialog.sensor.findText("Any other image"))
    dialog.accept()
    assert kept_reading(iface.layer).role == "optical"
    iface.layer = QgsRasterLayer("type=xyz&url=http://localhost/{z}/{x}/{y}.png", "web", "wms")
    assert menu.open() is None and "provider 'wms'" in iface.warnings[-1]
    menu.remove()
    assert iface.actions == []
    iface.window.close()
