"""Who asks: keys and sessions, and the doorman who looks at them before any route is reached."""
