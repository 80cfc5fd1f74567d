"""Turn invoices and segments into the key figures a receivables team acts on."""
