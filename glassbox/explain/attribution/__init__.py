"""Attribution: which pixels, or tokens, made a network give a label its score, and how true the answer is.

`methods` has one function a method; `registry` lists the methods and their baselines; `faithfulness` scores a map by
deletion and insertion curves; `text` does both for tokens.
"""
