"""What every part of the dashboard uses: strings, formats, colours, links and choices."""
