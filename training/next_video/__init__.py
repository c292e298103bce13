"""Next-Video's models: a sequence model, similarity, baselines; trained, evaluated and written as one bundle."""
