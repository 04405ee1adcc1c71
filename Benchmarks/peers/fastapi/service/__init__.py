"""A layered identity service, as many write it: what Postern's benchmark is held against."""
