"""The chassis that every Tillhand service stands on."""
