"""The page `rnn`: the recurrent networks."""
