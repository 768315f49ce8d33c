"""What lies on the file systems of any root beside its package databases: packages of languages and unowned programs."""
