"""The affiliate network's mail desk. Importing this package loads nothing: the mail core needs no Flask."""
