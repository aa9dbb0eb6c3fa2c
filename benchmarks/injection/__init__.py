"""How many planted instructions are flagged, and how many harmless passages; how the weights were fitted."""
