"""What the console keeps: accounts, sessions and sign-in links."""
