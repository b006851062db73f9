"""The model of a brand without history: a prior calibrated to the specification. `CARD.md` beside this file says what it is."""
