"""What happens in the network, and which template it sends to whom."""
