"""Endurance of the approvals: many who follow, writers, kills, a restart, and one who reads nothing."""
