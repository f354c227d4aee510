"""The reads used by pages, API and commands. Every one goes through here, so that who may read what has one place."""
