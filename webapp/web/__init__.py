"""What every page shares: access rule, forms, session, error pages, pagination."""
