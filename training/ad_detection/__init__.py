"""Ad detection: composed and real corpora, the nets, training, evaluation (AD-1 to AD-6)."""
