"""The page `transformer`: what a language model looks at."""
