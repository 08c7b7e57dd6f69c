"""The page `faq`: questions and glossary."""
