"""Who a customer is on the register of companies: region, sector and age, each with its source, date and probability."""
