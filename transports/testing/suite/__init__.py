"""The parts of the conformance kit."""
