"""Upstreams and other services, as the ports want them."""
