"""HTTP doors, the micro-batcher, and the one transaction that turns evidence into graph."""
