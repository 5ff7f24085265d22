"""What the user prefers in all jobs, in the options."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QFormLayout, QGroupBox, QSpinBox

from ...algorithms import preferences
from ...algorithms.text import tr
from ...core.sensors import AUTO
from .parts import choices, fill, text


class PreferencesGroup(QGroupBox):
    """Device, threads, runtime and precision."""

    def __init__(self) -> None:
        super().__init__(tr("Preferences"))
        self.device = choices(
            {
                AUTO: tr("Automatic: a GPU where one can be used, else the processor"),
                "cpu": tr("Processor (cpu)"),
                "cuda": tr("NVIDIA GPU (cuda)"),
                "mps": tr("Apple GPU (mps)"),
            },
            preferences.device(),
        )
        self.threads = QSpinBox()
        self.threads.setRange(0, preferences.MOST_THREADS)
        self.threads.setSpecialValueText(tr("All cores"))
        self.threads.setValue(preferences.threads())
        self.runtime = choices(
            {
                AUTO: tr("Automatic: the fastest that gives the same map"),
                "torch": "PyTorch",
                "onnxruntime": "ONNX Runtime",
                "openvino": "OpenVINO",
            },
            preferences.runtime(),
        )
        self.precision = choices(
            {
                AUTO: tr("Automatic: as fits the runtime"),
                "fp32": tr("32 bits (fp32)"),
                "bf16": tr("16 bits, wide range (bf16)"),
                "fp16": tr("16 bits, fine steps (fp16)"),
            },
            preferences.precision(),
        )
        form = QFormLayout()
        form.addRow(tr("Compute on"), self.device)
        form.addRow(tr("Most processor threads"), self.threads)
        form.addRow(tr("Runtime"), self.runtime)
        form.addRow(tr("Precision"), self.precision)
        note = text()
        note.setText(tr("The algorithms start with these; each run can be given others under Advanced Parameters."))
        fill(self, form, note)

    def apply(self) -> None:
        """Stores what was chosen."""
        preferences.save(
            self.device.currentData(), self.threads.value(), self.runtime.currentData(), self.precision.currentData()
        )
