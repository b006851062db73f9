"""What leaves the graph: the streams of what happened, in an order that never changes."""
