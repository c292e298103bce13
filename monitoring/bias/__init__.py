"""What the champion recommends, measured for its biases (NV-M1)."""
