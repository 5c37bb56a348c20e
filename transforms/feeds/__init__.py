"""The feed contracts: one YAML a feed, and the typed reader of them. A column is declared once, here."""

from transforms.feeds.contract import FEEDS, Column, FeedContract, MentionRule, load_contract, load_contracts

__all__ = ["FEEDS", "Column", "FeedContract", "MentionRule", "load_contract", "load_contracts"]
