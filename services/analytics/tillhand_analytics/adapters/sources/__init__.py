"""Where records come from: the mock shop, a folder of recorded payloads, or the connectors."""
