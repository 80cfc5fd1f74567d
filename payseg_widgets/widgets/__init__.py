"""Screens for notebooks: traits hold the state, a view draws it, the core computes it."""
