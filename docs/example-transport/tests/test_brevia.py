from brevia_harness import BreviaHarness

from transports.testing.conformance import TransportConformance


class TestBrevia(TransportConformance):
    harness_class = BreviaHarness
