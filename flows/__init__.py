"""The night and its command line: the only room that chooses real parts and reads the clock."""
