"""Experiments with variants: what they show at any moment, however often somebody looks."""
