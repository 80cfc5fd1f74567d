"""Read an export, or simulate one, into a checked `Ledger` that says what became of every row."""
