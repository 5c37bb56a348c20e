"""How the command leaves, and the one fault that is its caller's own. Light: `--help` imports nothing else."""

DONE, OUR_FAULT, WRONG_USE, WITH_GAPS, HELD = 0, 1, 2, 3, 4


class WrongUse(Exception):
    """The command was given something it cannot work with; the message says what is valid."""
