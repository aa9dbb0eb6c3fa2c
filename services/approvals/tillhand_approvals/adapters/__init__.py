"""The outside: redaction, encryption, signatures."""
