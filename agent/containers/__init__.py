"""The containers that run on the host: found from what the kernel and the runtimes' own state say, no daemon asked."""
