"""Saved segments: affiliates named by rules, counted anew whenever somebody asks."""
