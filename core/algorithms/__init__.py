"""Pure algorithms that must be the same offline and online: no I/O, no clock, no settings read."""
