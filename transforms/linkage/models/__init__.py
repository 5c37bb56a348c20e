"""Trained models, one YAML page each, with how they were trained."""
