"""What the connectors cost: their two faces, their resilience, their pages, and the memory at rest."""
