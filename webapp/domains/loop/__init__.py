"""The loop test: a real mail through the chosen server, judged from what arrived in a mailbox or was pasted by its owner."""
