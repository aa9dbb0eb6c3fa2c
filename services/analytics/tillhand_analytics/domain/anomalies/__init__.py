"""Days that are unlike what the weeks before them promised, and why that may be."""
