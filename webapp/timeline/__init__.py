"""One timeline for each affiliate: everything that passed between him and the network, and notes about him."""
