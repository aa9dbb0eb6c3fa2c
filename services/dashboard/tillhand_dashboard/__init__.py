"""Tillhand's console: where people see the shop and the platform, and decide."""
