"""Measure how each customer pays: one figure a customer, with its count and its uncertainty."""
