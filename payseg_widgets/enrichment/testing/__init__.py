"""Registers and customers that are simulated, with their truth: for tests, tutorials and measuring the matching."""
