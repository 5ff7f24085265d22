"""Pretraining on unlabelled scenes: what is drawn from them, how it is learned, and what is said about it."""
