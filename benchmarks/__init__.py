"""Portvakt measured against the floor and against a peer: see `docs/explanation/performance.md`."""
