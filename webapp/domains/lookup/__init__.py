"""Asking the DNS under one budget, with the evidence of each answer kept."""
