import marshal, os
from _frozen_importlib_external import MAGIC_NUMBER
def take(n):
    b = b""
    while len(b) < n:
        c = os.read(0, n - len(b))
        if not c: os._exit(0)
        b += c
    return b
def block():
    return take(int.from_bytes(take(4), "big"))
compiled, text = block(), block()
known = compiled.startswith(MAGIC_NUMBER)
code = marshal.loads(compiled[4:]) if known else compile(text, "<runner>", "exec")
to_tell = b"" if known else MAGIC_NUMBER + marshal.dumps(code)
exec(code)
