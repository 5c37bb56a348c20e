"""Reading of delivered text into typed columns."""
