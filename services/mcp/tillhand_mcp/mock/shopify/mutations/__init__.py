"""What can be done to the shop, a module for each kind of object."""
