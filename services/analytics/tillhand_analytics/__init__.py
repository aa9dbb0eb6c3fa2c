"""Inventory, search and sales of a shop: every figure with where it came from and how sure it is."""
