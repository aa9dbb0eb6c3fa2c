"""Endurance of the knowledge base: tens of thousands of mixed requests, and what its process holds before and after."""
