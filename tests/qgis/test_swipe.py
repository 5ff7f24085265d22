"""The swipe, on a real canvas: the preview at the left of the line, the image at its right."""

import numpy as np
import pytest
from patience import waiting
from qgis.core import QgsRasterLayer
from qgis.gui import QgsMapCanvas, QgsMapToolPan
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

SIDE = 200


wait = waiting(10.0)


@pytest.fixture
def layers(project, build, tmp_path):
    """A white preview above a black image."""
    made = []
    for name, grey in (("preview", 255), ("image", 0)):
        values = np.full((3, 40, 40), grey, "uint8")
        path = build.write_raster(tmp_path / f"{name}.tif", values)
        made.append(QgsRasterLayer(path, name))
        project.addMapLayer(made[-1])
    return made


@pytest.fixture
def canvas(qgis_app, layers):
    made = QgsMapCanvas()
    made.resize(SIDE, SIDE)
    made.setDestinationCrs(layers[0].crs())
    made.setExtent(layers[0].extent())
    made.setLayers(layers)
    made.show()
    made.refresh()
    wait(lambda: not made.isDrawing())
    yield made
    made.close()


@pytest.fixture
def swipe(canvas):
    from landsketch.ui.dock.swipe import Swipe

    made = Swipe(canvas, lambda layer: layer.name() == "preview")
    yield made
    made.switch(False)


def seen(canvas):
    """Grey values in the middle line of the picture, as 20 columns."""
    picture = canvas.grab().toImage()
    y = picture.height() // 2
    return [picture.pixelColor(int((i + 0.5) / 20 * picture.width()), y).lightness() for i in range(20)]


def drag_to(canvas, share):
    viewport = canvas.viewport()
    place = QPoint(int(share * canvas.width()), canvas.height() // 2)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease):
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        where = QPointF(place)
        event = QMouseEvent(kind, where, QPointF(viewport.mapToGlobal(place)), button, held, Qt.KeyboardModifier(0))
        QApplication.sendEvent(viewport, event)


def test_the_image_is_seen_at_the_right_of_the_line_that_the_mouse_moves(canvas, swipe):
    assert min(seen(canvas)) > 200
    swipe.switch(True)
    wait(lambda: swipe.ready)
    columns = seen(canvas)
    assert min(columns[2:9]) > 200 and max(columns[11:18]) < 50
    drag_to(canvas, 0.8)
    assert swipe.share == pytest.approx(0.8)
    columns = seen(canvas)
    assert min(columns[2:15]) > 200 and max(columns[17:18]) < 50
    swipe.switch(False)
    assert min(seen(canvas)[2:18]) > 200


def test_the_tool_used_before_comes_back(canvas, swipe):
    pan = QgsMapToolPan(canvas)
    canvas.setMapTool(pan)
    switched = []
    swipe.switched.connect(switched.append)
    swipe.switch(True)
    assert canvas.mapTool() is swipe
    swipe.switch(False)
    assert canvas.mapTool() is pan
    swipe.switch(True)
    canvas.setMapTool(pan)  # as when the user chooses another tool
    assert switched == [True, False, True, False] and not swipe.ready


def test_another_place_is_never_covered_by_the_image_of_the_last_one(canvas, swipe):
    swipe.switch(True)
    wait(lambda: swipe.ready)
    canvas.zoomByFactor(0.5)
    assert not swipe.ready
    wait(lambda: swipe.ready)


def press(canvas, *keys, modifier=Qt.KeyboardModifier.NoModifier):
    for key in keys:
        QTest.keyClick(canvas, key, modifier)


def test_the_line_moves_by_keys_and_not_the_map(canvas, swipe):
    before = canvas.extent()
    swipe.switch(True)
    wait(lambda: swipe.ready)
    key = Qt.Key
    press(canvas, key.Key_Right, key.Key_Right, key.Key_Left)
    assert swipe.share == pytest.approx(0.52)
    press(canvas, key.Key_Left, modifier=Qt.KeyboardModifier.KeypadModifier)
    assert swipe.share == pytest.approx(0.5)
    press(canvas, key.Key_Right, key.Key_Right, key.Key_Right, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert swipe.share == pytest.approx(0.8)
    columns = seen(canvas)
    assert min(columns[2:15]) > 200 and max(columns[17:18]) < 50
    press(canvas, key.Key_End, key.Key_Right)
    assert swipe.share == 1
    press(canvas, key.Key_Home, key.Key_Left)
    assert swipe.share == 0
    assert canvas.extent() == before and swipe.ready
    press(canvas, key.Key_Up)
    assert canvas.extent().yMinimum() > before.yMinimum()  # the other keys are the map's


def test_the_keys_come_to_the_line_and_go_back_after_escape(canvas, swipe):
    window = QWidget()
    layout = QHBoxLayout(window)
    button = QPushButton()
    button.setCheckable(True)
    button.toggled.connect(swipe.switch)
    swipe.switched.connect(button.setChecked)
    layout.addWidget(button)
    layout.addWidget(canvas)
    window.show()
    window.activateWindow()
    button.setFocus()
    wait(button.hasFocus)
    press(button, Qt.Key.Key_Space)
    assert swipe.isActive() and canvas.hasFocus()
    press(canvas, Qt.Key.Key_Left)
    assert swipe.share == pytest.approx(0.48)
    press(canvas, Qt.Key.Key_Escape)
    assert not swipe.isActive() and not button.isChecked() and button.hasFocus()
    before = canvas.extent()
    press(canvas, Qt.Key.Key_Left)
    assert canvas.extent().xMinimum() < before.xMinimum()  # they are the map's again
    canvas.setParent(None)
    window.close()
