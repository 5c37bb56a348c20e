"""The door for interfaces: paged JSON over https, every request signed. What an agency builds: docs/interface.md."""

from connectors.http.door import HttpConnector

__all__ = ["HttpConnector"]
