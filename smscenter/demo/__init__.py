"""Demo data: a small business that texts its leads, and a rival whose data it must never see.

`load` fills a database in batches. The other modules have the material: people, places, and texts;
failures as carriers report them; and the stories that a new user sees first.
"""
