"""The commands of tillhand, one file each."""
