"""Text: from characters to tokens, and the recurrent networks that read and write it."""
