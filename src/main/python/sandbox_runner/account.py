"""The user that programs find: a sandbox has a uid of its own, which no image's /etc/passwd knows."""
from __future__ import annotations

import os

EXTRA_USERS = "/var/lib/extrausers"  # where libnss-extrausers looks; in our image a link to a place that can be written to


def write_account(env: dict, link: str = EXTRA_USERS) -> None:
    """Names our uid and gid as USER says, for pwd, grp and every command, where the image has the link. What is written is the
    program's to change: it misleads nobody but itself."""
    name, home = env.get("USER", ""), env.get("HOME", "/")
    if not name.isidentifier() or not name.isascii() or ":" in home or "\n" in home:
        return
    lines = {
        "passwd": f"{name}:x:{os.getuid()}:{os.getgid()}:{name}:{home}:/bin/bash\n",
        "group": f"{name}:x:{os.getgid()}:\n",
    }
    try:
        place = os.readlink(link)
        try:
            os.mkdir(place, 0o755)
        except FileExistsError:
            pass
        for file, line in lines.items():
            with open(os.path.join(place, file), "w") as stream:
                stream.write(line)
    except OSError:  # another image, or one in which that place cannot be written to
        pass
