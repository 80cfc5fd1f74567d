"""Small tables of facts about the United Kingdom, each with its source named."""
