"""What region, sector and other groups have to do with payment: differences between customers, not between invoices."""
