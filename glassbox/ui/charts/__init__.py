"""Arrays -> figures, tables and small pictures. Pure: nothing here knows the page."""
