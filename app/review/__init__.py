"""What admins decide: merges asked for, reviews approved or rejected. Decisions become judgements and go through resolve."""
