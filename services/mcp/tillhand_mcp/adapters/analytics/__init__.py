"""`inventory_*`, `seo_*`, `sales_*`: the platform's figures as tools, and purchase orders that people approve."""
