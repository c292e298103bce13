"""Great Expectations at the door and on the marts: a failed suite stops what comes after it (OPS-1)."""
