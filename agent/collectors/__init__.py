"""One module or package per section, named like it: SPEC and collect(host, options), and nothing else."""
