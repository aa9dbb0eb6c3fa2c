"""Inventory: how fast goods sell, how long they last, when and how much to reorder, and who delivers well.

All of it is arithmetic over a `Panel`: units demanded by SKU and day, and what is known of each SKU today.
"""
