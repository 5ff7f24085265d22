"""The dialog that says what the bands of a layer are, and how their values are read."""
