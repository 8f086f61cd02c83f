"""The commands, a file a group: each parses, calls and prints."""
