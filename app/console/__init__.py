"""The web console: pages for people, made on the server, with a little JavaScript on top."""
