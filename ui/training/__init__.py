"""The training view: runs that go on and those before them, with curves, accuracy of classes and examples."""
