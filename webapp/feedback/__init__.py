"""What comes back: opt-outs, bounces, complaints, automatic replies."""
