"""The page `explainability`: what explanations are worth."""
