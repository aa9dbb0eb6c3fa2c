"""How often an answer is rightly given and rightly declined; how the coefficients of `domain/belief.py` were fitted."""
