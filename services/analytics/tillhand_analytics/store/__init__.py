"""What analytics keeps of its own, in one SQLite file: reports by day, refunds, stock by day, and purchases."""
