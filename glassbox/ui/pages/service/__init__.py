"""The page on models as a service."""
