"""DMARC (RFC 9989): records read, and found by walking up the tree of names."""
