"""Offers: what affiliates promote, on which terms, and with which creatives."""
