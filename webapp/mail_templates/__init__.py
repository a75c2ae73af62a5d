"""What the mails of the network say: the system templates, custom ones, and the layout around them."""
