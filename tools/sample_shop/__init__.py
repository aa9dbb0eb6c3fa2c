"""The hand-written tables and sources from which the generated files of the sample shop are made."""
