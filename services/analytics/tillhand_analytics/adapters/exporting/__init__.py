"""Tables as files: CSV in chunks, Parquet whole."""
