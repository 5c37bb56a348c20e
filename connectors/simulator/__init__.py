"""An invented district: families over time, what six agencies write down about them, and the truth beside it."""

from connectors.simulator.rates import Rate, RateFaults, Rates, default_rates, load_rates
from connectors.simulator.simulate import Summary, simulate

__all__ = ["Rate", "RateFaults", "Rates", "Summary", "default_rates", "load_rates", "simulate"]
