"""Speed, memory, and what the alerts are worth against the simulator's truth. `make bench` runs all of it."""
