"""Portvakt decides which integration may see which person's personal information."""

__version__ = "0.2.0"
