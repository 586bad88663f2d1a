"""Compare search with an independent evaluator, which shares no code with the search language.

`world` generates records, `database` stores them, `queries` generates random trees, `notation`
writes a tree as text, and `evaluator` finds its rows in plain Python. `product` runs the text.
"""
