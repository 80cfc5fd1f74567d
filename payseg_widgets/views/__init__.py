"""Draw a study: each picture with the table of its figures and a sentence on what it shows."""
