<<<<<<< HEAD
"""Tillhand's console: where people see the shop and the platform, and decide."""
=======
"""The operators' console: what a person sees and decides, drawn on the server."""
>>>>>>> wB
