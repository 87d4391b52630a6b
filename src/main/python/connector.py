import os
def take(n):
    b=b""
    while len(b)<n:
        c=os.read(0,n-len(b))
        if not c:os._exit(0)
        b+=c
    return b
exec(compile(take(int.from_bytes(take(4),"big")),"<runner>","exec"))
