"""The sockets of every network namespace, who holds them, and who can reach them."""
