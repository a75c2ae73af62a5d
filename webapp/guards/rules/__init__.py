"""One file a rule: a pure judgement of figures."""
