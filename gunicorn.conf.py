"""How gunicorn runs the web server: it finds this file in the folder that it is started in.

Options of its command line win over what stands here.
"""

# Only the proxy on this machine reaches it: whoever else did could claim any address and https.
bind = "127.0.0.1:8000"
# Without it, a file that a web process makes is open to every user of the machine.
umask = 0o077

# A process uses one core. With two, one serves while the other restarts. One for each core is
# right: `--workers 8`.
workers = 2
# Pages wait for the database more than they compute. Each thread holds a connection to it:
# PostgreSQL's max_connections must exceed workers times threads, and 22 a `manage.py worker`.
worker_class = "gthread"
threads = 4

# Kills a process whose threads are all stuck, which says nothing for this long. With threads it
# does not end a slow page: STATEMENT_TIMEOUT_SECONDS does.
timeout = 30
# What a restart lets pages under way take: longer than STATEMENT_TIMEOUT_SECONDS.
graceful_timeout = 30
# Only of use without a proxy, as with `make run`: nginx opens a connection for each request.
keepalive = 5
# Returns what memory a process has gathered. The jitter keeps all from restarting at once.
max_requests = 2_000
max_requests_jitter = 400

# A search of 500 phone numbers is part of the address, and of the header that htmx sends with it.
# gunicorn knows no limit between 8,190 and none, so nginx limits both (docs/nginx.conf).
limit_request_line = 0
limit_request_field_size = 0
# Nobody uses it, and it would lie in the account's home, which a service may not have.
control_socket_disable = True
