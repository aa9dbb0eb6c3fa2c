"""Backups of everything that an installation keeps: what belongs in one, how it is copied, and how it is put back."""
