"""One YAML file, every key also an environment variable; all faults reported at once."""
