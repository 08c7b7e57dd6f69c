"""What the networks cost: time, energy, carbon, and their compressed versions."""
