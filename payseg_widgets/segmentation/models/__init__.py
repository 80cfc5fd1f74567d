"""Clustering models, one a file; the registry finds them."""
