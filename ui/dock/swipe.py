"""A swipe: the map tool by whose line the preview is pulled off the image."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem, QgsMapTool
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen
from qgis.PyQt.QtWidgets import QApplication, QWidget

_LINE_PIXELS = 2.0

_STEP, _STRIDE = 0.02, 0.1
"""Shares of the map's width that the line moves by an arrow key, without and with the shift key."""


class Swipe(QgsMapTool):
    """Shows the map without some layers at the right of a line that the mouse moves, or the keyboard.

    Args:
        canvas: The map.
        left_out: Whether a layer is not seen at the right of the line.
    """

    switched = pyqtSignal(bool)
    """The swipe was begun, or ended: by its button, or because another tool was chosen."""

    def __init__(self, canvas: QgsMapCanvas, left_out: Callable[[QgsMapLayer], bool]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._left_out = left_out
        self._last: Optional[QgsMapTool] = None
        self._job: Optional[QgsMapRendererParallelJob] = None
        self._curtain: Optional[_Curtain] = None
        self._focus: Optional[QWidget] = None
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def switch(self, on: bool) -> None:
        """Begins the swipe, or goes back to the tool that was used before."""
        if on == self.isActive():
            return
        if on:
            self._last = self._canvas.mapTool()
            self._canvas.setMapTool(self)
        else:
            self._canvas.unsetMapTool(self)
            if self._last is not None:
                self._canvas.setMapTool(self._last)

    def activate(self) -> None:
        """Shows the line in the middle; QGIS calls this."""
        super().activate()
        self._curtain = _Curtain(self._canvas)
        self._canvas.extentsChanged.connect(self._forget)
        self._canvas.mapCanvasRefreshed.connect(self._draw)
        self._draw()
        self._take_keys()
        self.switched.emit(True)

    def deactivate(self) -> None:
        """Takes the line away; QGIS calls this, also where another tool was chosen."""
        if self._curtain is not None:
            self._canvas.removeEventFilter(self)
            self._canvas.extentsChanged.disconnect(self._forget)
            self._canvas.mapCanvasRefreshed.disconnect(self._draw)
            self._stop()
            self._canvas.scene().removeItem(self._curtain)
            self._curtain = None
        super().deactivate()
        self.switched.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Takes the keys that move the line before the canvas does, which moves the map by them."""
        if event.type() == QEvent.Type.KeyPress and self._press(event):
            return True
        return bool(super().eventFilter(watched, event))

    def canvasPressEvent(self, event: Any) -> None:  # noqa: N802 - QGIS's name
        """Moves the line."""
        self._move(event)

    def canvasMoveEvent(self, event: Any) -> None:  # noqa: N802
        """Moves the line as long as the button is held down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(event)

    @property
    def share(self) -> float:
        """Where the line is: 0 is the left edge of the map, 1 the right one."""
        return self._curtain.share if self._curtain is not None else 0.5

    @property
    def ready(self) -> bool:
        """Whether what is at the right of the line has been drawn."""
        return self._curtain is not None and self._curtain.image is not None

    def _take_keys(self) -> None:
        """Has the keys come here, from whatever was used to begin the swipe."""
        self._focus = QApplication.focusWidget()
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._canvas.installEventFilter(self)

    def _press(self, event: QKeyEvent) -> bool:
        """Returns whether a key was one of ours: arrows, Home and End, and Escape, after which the keys go back."""
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier  # which the arrows of the number pad have
        if held not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            return False
        step = _STRIDE if held == Qt.KeyboardModifier.ShiftModifier else _STEP
        places = {
            Qt.Key.Key_Left: self.share - step,
            Qt.Key.Key_Right: self.share + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        if event.key() in places:
            self._put(places[event.key()])
        elif event.key() == Qt.Key.Key_Escape:
            focus = self._focus
            self.switch(False)
            if focus is not None and not sip.isdeleted(focus):
                focus.setFocus(Qt.FocusReason.OtherFocusReason)
        return event.key() in places or event.key() == Qt.Key.Key_Escape

    def _move(self, event: Any) -> None:
        self._put(event.pos().x() / max(self._canvas.width(), 1))

    def _put(self, share: float) -> None:
        """Moves the line, as far as the map goes."""
        if self._curtain is not None:
            self._curtain.share = min(max(share, 0.0), 1.0)
            self._curtain.update()

    def _forget(self) -> None:
        """Shows nothing rather than the image of another place."""
        self._stop()
        if self._curtain is not None:
            self._curtain.show_image(None)

    def _draw(self) -> None:
        """Draws the map without the layers that are left out, in the background."""
        self._stop()
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers([layer for layer in self._canvas.layers() if not self._left_out(layer)])
        self._job = job = QgsMapRendererParallelJob(settings)
        job.setParent(self)  # Qt deletes it, not Python, which would wait for one that is still drawing
        job.finished.connect(self._show)
        job.finished.connect(job.deleteLater)
        job.start()

    def _show(self) -> None:
        job, self._job = self._job, None
        if job is not None and self._curtain is not None:
            self._curtain.show_image(job.renderedImage())

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.finished.disconnect(self._show)
            job.cancelWithoutBlocking()


class _Curtain(QgsMapCanvasItem):
    """The image at the right of the line, and the line.

    Args:
        canvas: The map.
    """

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.share = 0.5
        self.image: Optional[QImage] = None
        self.setZValue(100)  # above rubber bands, below nothing of ours

    def show_image(self, image: Optional[QImage]) -> None:
        """Takes another image."""
        self.image = image
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """All of the map."""
        return QRectF(0, 0, self._canvas.width(), self._canvas.height())

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Draws the image and the line; Qt calls this."""
        whole = self.boundingRect()
        x = whole.width() * self.share
        if self.image is not None:
            # In the image's own pixels, of which a dense screen has more than one to a pixel of the map.
            scale = self.image.width() / max(whole.width(), 1.0)
            source = QRectF(x * scale, 0, self.image.width() - x * scale, self.image.height())
            painter.drawImage(QRectF(x, 0, whole.width() - x, whole.height()), self.image, source)
        for width, colour in ((3 * _LINE_PIXELS, QColor(0, 0, 0, 120)), (_LINE_PIXELS, QColor("white"))):
            painter.setPen(QPen(colour, width))  # seen on any image
            painter.drawLine(QPointF(x, 0), QPointF(x, whole.height()))

    def updatePosition(self) -> None:  # noqa: N802 - QGIS's name
        """Stays where it is when the map moves."""
        self.setPos(QPointF(0, 0))
