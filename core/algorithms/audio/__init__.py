"""Ad detection's sound: features, net, fingerprints, decoder. Pure; the same in training, on files and live (AD-1)."""
