"""The settings: one declaration, read once, every mistake a sentence."""
