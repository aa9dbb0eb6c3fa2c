"""A seeded mock shop: 1,200 SKUs with a year of orders, customers and search data, the same on every machine."""
