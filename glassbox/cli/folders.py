"""The picture files under some paths, always in the same order."""

import os
from collections.abc import Iterable, Iterator

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")


def pictures(paths: Iterable[str]) -> Iterator[str]:
    """Yield the files among `paths`, whatever they are called, and the pictures in the folders among them.

    A folder's own pictures come first, by name, then those of the folders in it; linked folders are left out. Only the
    names of the folders on the way to a file are in memory. Raises OSError for a folder that can't be read.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _in_folder(path)
        else:
            yield path


def _in_folder(folder: str) -> Iterator[str]:
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.name.lower().endswith(ENDINGS) and not entry.is_dir():
                files.append(entry.name)
    for name in sorted(files):
        yield os.path.join(folder, name)
    del files
    for name in sorted(folders):
        yield from _in_folder(os.path.join(folder, name))
