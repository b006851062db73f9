"""The ways a message can go, one file each."""
