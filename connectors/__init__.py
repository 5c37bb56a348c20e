"""Doors to the agencies: find what arrived, keep its bytes as received, bring it into text columns."""
