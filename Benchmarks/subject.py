"""A Postern on a database of its own, with users of whom some have signed in."""

import contextlib

import credentials
from database import Database
from seed import open_sessions, seed
from servers import Postern


class Subject:
    def __init__(self, directory, options, say, suffix="", **settings):
        self.directory = directory
        self.options = options
        self.say = say
        self.suffix = suffix
        self.settings = settings

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.secret = secret = credentials.new_secret()
            self.database = stack.enter_context(Database(self.suffix))
            access_log = self.options.access_log
            self.postern = stack.enter_context(Postern(self.directory, self.database, secret, access_log=access_log))
            self.postern.environment |= self.settings
            self.say(f"Migrating and seeding {self.options.users:,} users")
            self.postern.migrate()
            self.keys, links = seed(self.database, secret, self.options.users)
            self.postern.start()
            self.tokens = self.postern.sign_in(links)
            # The tables that were empty until now: as such they would be read whole, and plans that are made once keep
            # to it.
            self.database.run("vacuum analyze sessions, refresh_tokens, sign_in_links")
            self._stack = stack.pop_all()
        return self

    def new_tokens(self, count):
        """Access tokens, each of a session of its own."""
        return self.postern.refresh(open_sessions(self.database, self.secret, count))

    def __exit__(self, *_):
        self._stack.close()
