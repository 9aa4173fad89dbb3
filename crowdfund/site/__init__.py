"""The public face: home, list, project and group pages, live progress, help and legal pages, health."""
