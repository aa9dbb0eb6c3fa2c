"""One loopback server that stands for every upstream: it executes the vendors' schemas over a made-up shop."""
