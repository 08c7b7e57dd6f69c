"""The pages' own parts, a package a page; its key names everything that belongs to it."""
