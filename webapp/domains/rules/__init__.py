"""The rules D01–D31: one function each, in files by theme. One more rule is one more function with `@rule` above it."""
