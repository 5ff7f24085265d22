"""The engine: specs, sensors, scenes, labels, training, inference, assessment, jobs.

`specs`, `cards`, `legend`, `sensors` and `errors` import the standard library only and are shared with the QGIS side.
"""
