"""Tillhand's approvals: agents propose, people decide, and every step leaves a record."""
