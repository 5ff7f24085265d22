"""Clustering: scene → map of clusters that were found without labels, for people to name."""
