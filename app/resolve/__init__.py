"""The pure core: no clock, no randomness, no I/O. `resolve(state, events, judgements, rules) -> Plan`."""
