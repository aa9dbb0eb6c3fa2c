"""What was sold: figures that reconcile, and what they are made of."""
