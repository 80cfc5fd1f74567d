"""Where companies come from: one source a file."""
