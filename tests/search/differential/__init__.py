"""The independent judge of the search language: it shares nothing with the language but the text.

`world` makes records, `storing` makes them rows, `queries` makes random trees, `notation` writes
a tree as text and `evaluator` answers it in plain Python. The tests ask the product the text.
"""
