"""Messages to customers: SMTP, or a mailbox that only keeps them."""
