"""What a brand says of those who send to it."""
