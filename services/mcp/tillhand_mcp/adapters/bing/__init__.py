"""`bing_*`: how a site stands in Bing's search."""
