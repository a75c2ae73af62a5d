"""Who the network is and how its mail leaves."""
