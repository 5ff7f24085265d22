"""The QGIS side of the process boundary: the engine's environment and the engine process.

Runs in QGIS's own Python (3.9 and later) with the standard library, and without Qt.
"""
