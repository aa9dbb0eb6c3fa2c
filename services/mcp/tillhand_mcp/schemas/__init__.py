"""The vendors' own schemas, as `python tools/schemas.py` fetched them: what an operation or an answer has to fit."""
