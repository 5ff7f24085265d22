"""The LandSketch dock: four steps from layers to a map that follows the labels as they are drawn."""
