"""Demo data: a small business that texts its leads, and a rival that must never be seen.

`load` fills a database, lazily and in bounded memory. The material is beside it: people, places and
texts as data; failures as carriers report them; the stories that a first visitor should meet.
"""
