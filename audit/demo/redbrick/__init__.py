"""A server that speaks RedBrick AI's wire, with invented projects: for the demo, and for tests with faults.

`world` says what there is at a moment, `story` and `scripts` invent what happens, `graphql` reads queries, `server`
answers them. The same seed gives the same bytes; as the world's clock goes on, more of the story has happened.
"""

from audit.demo.redbrick.server import FakeRedBrick
from audit.demo.redbrick.world import Clock, World

__all__ = ["Clock", "FakeRedBrick", "World"]
