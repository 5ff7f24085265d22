"""The table of a time stack's images: what it shows, what is corrected there, and the text that this becomes."""

import threading
import time

import pytest
from landsketch.core.errors import SceneError
from landsketch.core.specs import BuildStackSpec, CorrectionSpec
from landsketch.ui.work import Work
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialogButtonBox

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def row(day, **changes):
    name = f"S2_{day}"
    return {
        "id": name, "date": day, "role": "optical", "sensor": "sentinel-2-l2a", "units": "auto", "offset": None,
        "bands": ["B02", "B03"], "files": [f"/data/{name}.tif"], "mask": {"path": "/data/m.tif", "kind": "scl"},
        "valid": 1.0, "clear": 0.75, "dropped": "", "grid": "EPSG:32632, 10 m", "picture": PNG, **changes,
    }  # fmt: skip


@pytest.fixture
def result():
    return {
        "items": [row("2020-06-01"), row("2020-05-14", clear=None, mask=None), row("2020-07-01", dropped="no data")],
        "left_out": {"/data/may.tif": "'may.tif' has no date.", "/data/bad.tif": "'bad.tif' cannot be read."},
        "undated": ["/data/may.tif"],
        "findings": ["A gap."],
    }


@pytest.fixture
def table(qgis_app, qgis_processing, result):
    from landsketch.ui.stack_table import StackTable

    made = StackTable()
    made.show_result(result, [CorrectionSpec("S2_2020-06-01.tif", sensor="sentinel-2-l2a"), CorrectionSpec("other")])
    yield made
    made.deleteLater()


def names(table):
    return [table.item(place, 0).text() for place in range(table.rowCount())]


def test_images_are_shown_by_date_and_the_undated_last(table):
    assert names(table)[:3] == ["S2_2020-05-14", "S2_2020-06-01", "S2_2020-07-01"]
    assert set(names(table)[3:]) == {"bad.tif", "may.tif"}
    states = [table.item(place, 0).checkState() for place in range(3)]
    assert states == [Qt.CheckState.Checked, Qt.CheckState.Checked, Qt.CheckState.Unchecked]
    assert [table.item(place, 3).text() for place in range(3)] == ["100", "75", "75"]
    assert "no cloud mask" in table.item(0, 4).text()
    assert "no data" in table.item(2, 4).text()
    assert not table.item(0, 0).icon().isNull()
    bad = table.item(names(table).index("bad.tif"), 1)
    assert not bad.flags() & Qt.ItemFlag.ItemIsEnabled


def test_what_is_changed_becomes_a_correction_and_the_rest_stays(table):
    before = (CorrectionSpec("other"), CorrectionSpec("S2_2020-06-01.tif", sensor="sentinel-2-l2a"))
    assert sorted(table.corrections(), key=lambda one: one.image) == sorted(before, key=lambda one: one.image)
    table.item(1, 1).setText("2020-06-02")  # which sorts, too
    table.selectRow(names(table).index("S2_2020-05-14"))
    table.set_used(False)
    table.item(names(table).index("may.tif"), 1).setText("2020-05-20")
    found = {one.image: one for one in table.corrections()}
    assert found["S2_2020-06-01.tif"] == CorrectionSpec("S2_2020-06-01.tif", date="2020-06-02", sensor="sentinel-2-l2a")
    assert found["S2_2020-05-14"] == CorrectionSpec("S2_2020-05-14", use=False)
    assert found["may.tif"] == CorrectionSpec("may.tif", date="2020-05-20")
    assert set(found) == {"other", "S2_2020-06-01.tif", "S2_2020-05-14", "may.tif"}


def test_the_keyboard_drops_an_image(table):
    from qgis.PyQt.QtCore import QEvent
    from qgis.PyQt.QtGui import QKeyEvent
    from qgis.PyQt.QtWidgets import QApplication

    table.selectRow(0)
    QApplication.sendEvent(table, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier))
    assert table.item(0, 0).checkState() == Qt.CheckState.Unchecked
    assert table.item(1, 0).checkState() == Qt.CheckState.Checked


def wait_for(condition):
    from qgis.PyQt.QtCore import QCoreApplication

    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        QCoreApplication.processEvents()
        time.sleep(0.01)


def test_the_dialog_asks_the_engine_in_the_background(qgis_app, qgis_processing, recording_engine, result):
    from landsketch.ui.stack_dialog import StackDialog

    recording_engine._buildstack = lambda spec, feedback: result
    dialog = StackDialog(BuildStackSpec(("/data",), thumbnails=48))
    assert not dialog.table.isEnabled()
    wait_for(dialog.table.isEnabled)
    assert dialog.table.rowCount() == 5
    assert dialog.findings.text() == "A gap."
    dialog.table.item(0, 1).setText("2020-05-15")
    dialog.add(["/more/a.tif", "/data"])
    wait_for(dialog.table.isEnabled)
    assert dialog.added == ("/more/a.tif",)
    assert recording_engine.specs[-1].inputs == ("/data", "/more/a.tif")
    assert recording_engine.specs[-1].corrections == (CorrectionSpec("S2_2020-05-14", date="2020-05-15"),)
    dialog.deleteLater()


def test_a_failure_is_shown_and_nothing_can_be_taken_over(qgis_app, qgis_processing, recording_engine):
    from landsketch.ui.stack_dialog import StackDialog

    recording_engine.error = SceneError("The input 'x' does not exist.")
    dialog = StackDialog(BuildStackSpec(("x",)))
    wait_for(dialog.table.isEnabled)
    assert dialog.findings.text() == "The input 'x' does not exist."
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    dialog.deleteLater()


def test_processing_makes_the_widget_of_the_corrections(algorithm, qgis_processing):
    from processing.gui.wrappers import WidgetWrapperFactory

    owner = algorithm("buildstack")
    parameter = owner.parameterDefinition("CORRECTIONS")
    wrapper = WidgetWrapperFactory.create_wrapper_from_metadata(parameter, None)
    assert type(wrapper).__name__ == "CorrectionsWrapper"
    wrapper.setValue("july.tif: drop")
    assert wrapper.parameterValue() == "july.tif: drop"


def test_what_was_asked_before_images_were_added_is_not_shown(qgis_app, qgis_processing, recording_engine, result):
    from landsketch.ui.stack_dialog import StackDialog

    first, answered = threading.Event(), []

    def answer(spec, feedback):
        if "/more/a.tif" not in spec.inputs:
            first.wait(10)
        answered.append(spec.inputs)
        return {**result, "findings": [str(len(spec.inputs))]}

    recording_engine._buildstack = answer
    dialog = StackDialog(BuildStackSpec(("/data",)))
    dialog.add(["/more/a.tif"])
    wait_for(dialog.table.isEnabled)
    assert dialog.findings.text() == "2"
    first.set()
    wait_for(lambda: not Work.running)
    assert answered[-1] == ("/data",) and dialog.findings.text() == "2" and dialog.table.isEnabled()
    dialog.deleteLater()
