"""The page `gpt`: from the poet to GPT."""
