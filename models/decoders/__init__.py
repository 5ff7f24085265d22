"""Decoders: heads that bring the maps of a pyramid encoder back to pixels, step by step."""
