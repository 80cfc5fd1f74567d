"""When an invoice will be paid, and how much a debtor pays when: features known at issue, models, honest tests."""
