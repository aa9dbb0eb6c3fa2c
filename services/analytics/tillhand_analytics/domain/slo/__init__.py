"""How the objectives of all services are kept: arithmetic on counters, and nothing else."""
