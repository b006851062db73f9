"""Words everyone uses. Imports nothing of ours; touches no clock, randomness, environment, network or disk."""
