"""What can go wrong in analytics.

Problem
"""
