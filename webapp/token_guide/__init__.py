"""The page that explains every token."""
