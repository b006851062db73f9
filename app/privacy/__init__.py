"""What a person may ask of a brand: all that is known of them, and that it be forgotten."""
