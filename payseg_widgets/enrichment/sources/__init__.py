"""Where facts about customers come from, one source a file."""
