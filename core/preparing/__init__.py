"""Preparing images: speckle, border noise, composites, gaps in time and 3-sigma scaling."""
