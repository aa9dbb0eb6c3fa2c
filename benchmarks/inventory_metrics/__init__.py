"""Inventory metrics beside the libraries that most people would use."""
