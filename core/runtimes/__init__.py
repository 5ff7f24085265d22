"""Runtimes: what computes a network, and which of them does it best on this machine."""
