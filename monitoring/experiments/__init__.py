"""Read-outs of experiments (NV-M2): words and figures for people; nothing acts on them (NV-T6)."""
