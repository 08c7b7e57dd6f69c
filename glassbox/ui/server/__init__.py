"""The web server around the pages: what is sent to strangers, what is taken from them, and how long it is kept."""
