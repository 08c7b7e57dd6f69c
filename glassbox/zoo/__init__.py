"""The shipped models: their cards and their files."""
