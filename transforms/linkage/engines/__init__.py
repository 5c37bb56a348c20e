"""Where pairs are made and compared: the same comparison function under different engines."""
