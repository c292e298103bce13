"""Ad detection at work: files, live streams, verdicts out (AD-7 to AD-10). Never the sound itself."""
