"""gunicorn's configuration: as its manual advises, two processes a core and one more.

All of them share the one core that Portvakt's single process has. Threads keep connections alive
and overlap the waiting for the database.
"""

workers = 3
threads = 6
worker_class = "gthread"
keepalive = 30
preload_app = False
