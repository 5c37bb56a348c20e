"""The invented district: the same bytes each time, readable deliveries, the promised defects, a truth that holds."""
