"""What the knowledge base needs from the outside, as protocols; adapters and the store fulfil them."""
