"""What Lighthouse says of each page, on a phone of its own making."""
