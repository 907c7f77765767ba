"""Reading the store: series, chains, baskets and conversions as everything above uses them."""
