"""What comes back: opt-outs now; bounces and complaints later."""
