"""The page `cnn`: the convolutional networks."""
