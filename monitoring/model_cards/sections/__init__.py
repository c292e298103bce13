"""The sections of the source's card (MC-1), each built from the objects that run (MC-2)."""
