"""Put an installation as in README.md under load: `make bench-load`.

nginx, two gunicorn processes of four threads, two workers, and PostgreSQL, with PgBouncer in
between if you ask for it. People open pages as in a browser, while texts are sent, and a carrier
reports on them.
"""
