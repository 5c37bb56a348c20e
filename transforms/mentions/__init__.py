"""The persons that records speak of: one mention for each role of a record that names somebody.

Generic over the contracts' `mentions`. All roles of all feeds stand in one table, one under the other
(`roles`); names, numbers, dates and places are derived for the whole of it at once (`identity`); the
relations inside a record and inside a household of the register are row positions in that table
(`relations`, `register`).
"""

from transforms.mentions.build import build_mentions, touched_keys

__all__ = ["build_mentions", "touched_keys"]
