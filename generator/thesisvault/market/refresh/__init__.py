"""What to ask for, how fast to ask, and which of the answers to believe."""
