"""Links that are counted: the way from the mail to where they lead, and who took it, people apart from machines."""
