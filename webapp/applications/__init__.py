"""People who apply to become affiliates: the public form, the confirmed address, the decision."""
