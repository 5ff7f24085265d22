"""Classification: checkpoint + scene → map, tile by tile."""
