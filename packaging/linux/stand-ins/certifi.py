"""Stands in the place of certifi: the authorities that this system trusts, not a list that ages with a package."""

import ssl


def where():
    """Give the path of the file that OpenSSL takes by default, whether it is there or not."""
    return ssl.get_default_verify_paths().openssl_cafile


def contents():
    """Give what is in it."""
    with open(where(), encoding="ascii") as file:
        return file.read()
