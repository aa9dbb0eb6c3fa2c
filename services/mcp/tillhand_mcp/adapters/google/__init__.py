"""`ga4_*` and `search_console_*`: what Google knows of a shop's visitors and of its place in search."""
