"""Laying an image onto another one: windows of both are compared, and their agreement decides."""
