"""What the service tells those who run it: metrics, logs, and which request a line speaks of."""
