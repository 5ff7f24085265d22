"""The parts of LandSketch's page in QGIS's options."""
