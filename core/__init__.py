"""What two or more stages share: settings, clock, paths, storage, privacy, logs, contracts, domain, algorithms."""
