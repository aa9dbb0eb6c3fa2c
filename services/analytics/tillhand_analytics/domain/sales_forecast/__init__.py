"""What the coming weeks bring: the shop as a whole, its categories and its SKUs, in figures that add up."""
