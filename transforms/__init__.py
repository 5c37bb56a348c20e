"""From tables to tables: who is who, which households, what the law says. Pure: no clock, network, database."""
