"""The fields of the shop's objects, a table for each type of the schema."""
