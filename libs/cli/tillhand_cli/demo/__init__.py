"""The one story that every part serves, played on this machine with nothing but mocks, and what it proves."""
