"""What affiliates write back: kept as plain text, read and dealt with by people."""
