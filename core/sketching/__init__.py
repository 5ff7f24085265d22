"""Sketching: a preview that follows the labels while they are drawn."""
