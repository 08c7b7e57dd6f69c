"""The page `backprop`: back-propagation."""
