"""What an engineer would install instead: one script a peer, each run in a virtual environment of the peers' own."""
