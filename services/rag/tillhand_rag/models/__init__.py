"""Wire shapes of the knowledge base's HTTP interface, by what they are about."""
