"""Ways to tell how likely an invoice is to be late, one a file; the registry finds them."""
