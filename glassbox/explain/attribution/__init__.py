"""Attribution: which pixels, or tokens, made a network give a label its score, and how true the answer is.

`methods` has one function a method; `registry` lists the methods and their baselines; `faithfulness` scores a map by
deletion and insertion curves; `tokens` does both for tokens, of a text that gets a label (`text`) or of one that a
transformer writes on (`next_token`).
"""
