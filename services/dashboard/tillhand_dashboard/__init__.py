"""The operators' console: what a person sees and decides, drawn on the server."""
