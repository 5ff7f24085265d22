"""Training a part of a network."""
