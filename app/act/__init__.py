"""Automations, the messages they send, and the jobs that the clock drives."""
