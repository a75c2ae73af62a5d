"""How long what happened is kept, and its clearing away."""
