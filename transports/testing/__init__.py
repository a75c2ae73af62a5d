"""What the author of a transport needs to prove that it keeps the contract. Needs pytest; the host never imports it."""
