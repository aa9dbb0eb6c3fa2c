"""What customers did, and what they are worth: purchases, models of buying and of money, segments, cohorts."""
