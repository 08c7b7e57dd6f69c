"""The frame that all pages share: head, sidebar and foot, the visitor's picture, files in and out."""
