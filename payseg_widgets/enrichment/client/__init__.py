"""Asking the register of companies over its API: key, quota, faults, requests, batches."""
