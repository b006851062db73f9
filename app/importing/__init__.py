"""Files of events: read row by row, sent to a running service as the outside would, and gone on with where they stopped."""
