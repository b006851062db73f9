"""What is learnt from a brand's graph: features, models, predictions, recommendations."""
