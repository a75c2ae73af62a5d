"""What the service of a mail server tells us later by itself: bounces, complaints, deliveries."""
