"""Components of our own, drawn by JavaScript in the browser."""
