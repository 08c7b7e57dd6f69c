"""Attacks on the networks: membership inference, adversarial pictures, inversion, poisoning."""
