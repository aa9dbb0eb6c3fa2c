"""Forecasts of many series at once, with intervals, and with their record against a naive one."""
