"""Whether the platform keeps what it promises, measured on a platform of its own, with everything that shows it."""
