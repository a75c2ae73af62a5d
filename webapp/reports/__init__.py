"""What became of mail, summed up: of one message, and of all mail over days, weeks and months."""
