"""Frames of videos as pictures: decoded by a process of its own, which a hostile file may bring down but not us."""
