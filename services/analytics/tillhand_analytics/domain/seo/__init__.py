"""What search data says about a site: what sinks, what is held back, what is within reach, and what it is worth."""
