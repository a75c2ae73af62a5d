"""The host's connector: every address that a transport reaches is vetted here."""


class Net:
    """Placeholder until the address policy stands."""
