"""`shopify_*`: the Admin API of a shop, over GraphQL."""
