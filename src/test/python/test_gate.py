"""Sockets of programs."""
import os
import textwrap

from harness import RunnerTest, setUpModule
from sandbox_runner import gate


class SocketsTest(RunnerTest):
    def test_socket_families_follow_the_configuration(self):
        code = """
            import errno, socket
            for family in range(46):
                for kind, protocol in ((1, 0), (2, 0), (1, 6), (2, 17), (2, 1), (3, 255), (1, 132), (3, 0)):
                    try: socket.socket(family, kind, protocol); print(family, kind, protocol)
                    except OSError as e:
                        if family not in (1, 2, 10): assert e.errno == errno.EAFNOSUPPORT, (family, e)
            """
        unix = "1 1 0\n1 2 0\n1 2 1\n1 3 0\n"  # a raw unix socket is a datagram socket, protocol 1 is AF_UNIX itself
        internet = "".join(f"{family} {kind}\n" for family in (2, 10) for kind in ("1 0", "2 0", "1 6", "2 17"))
        self.assertEqual(self.run_program(code, sockets="unix").text, unix)
        lines = self.run_program(code, sockets="loopback").text
        if not os.path.exists("/proc/net/if_inet6"):
            internet = internet[: internet.index("10 ")]
        self.assertEqual(lines, unix + internet)

    LOOPBACK = {
        "servers": """
            import http.server, threading, urllib.request, xmlrpc.server, xmlrpc.client
            class H(http.server.BaseHTTPRequestHandler):
                def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'here')
                def log_message(self, *args): pass
            web = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)
            threading.Thread(target=web.serve_forever, daemon=True).start()
            for _ in range(100): assert urllib.request.urlopen(f'http://127.0.0.1:{web.server_port}/').read() == b'here'
            rpc = xmlrpc.server.SimpleXMLRPCServer(('localhost', 0), logRequests=False)
            rpc.register_function(pow)
            threading.Thread(target=rpc.serve_forever, daemon=True).start()
            print(xmlrpc.client.ServerProxy(f'http://localhost:{rpc.server_address[1]}').pow(2, 5))
            """,
        "a hundred at once": """
            import asyncio
            async def main():
                async def echo(reader, writer):
                    writer.write(await reader.readexactly(200000)); await writer.drain(); writer.close()
                server = await asyncio.start_server(echo, '127.0.0.1', 0, backlog=200)
                port = server.sockets[0].getsockname()[1]
                async def one():
                    reader, writer = await asyncio.open_connection('127.0.0.1', port)
                    writer.write(bytes(200000)); answer = await reader.read(-1); writer.close()
                    return len(answer)
                print(sum(await asyncio.gather(*(one() for _ in range(100)))))
            asyncio.run(main())
            """,
        "datagrams": """
            import socket
            a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in 'ab')
            a.bind(('127.0.0.1', 0)); b.sendto(b'x' * 60000, a.getsockname()); print(len(a.recv(65536)))
            """,
        "a manager": """
            import multiprocessing.managers, os
            class M(multiprocessing.managers.SyncManager): pass
            if __name__ == '__main__':
                with M(address=('127.0.0.1', 0), authkey=b'k') as m:
                    d = m.dict(); d['x'] = 1; print(d.copy(), m.address[0])
            """,
        "an interrupted call": """
            import signal, socket
            signal.signal(signal.SIGALRM, lambda *args: None); signal.siginterrupt(signal.SIGALRM, False); signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
            server = socket.create_server(('127.0.0.1', 0), backlog=200)
            for _ in range(300):
                client = socket.create_connection(server.getsockname()); server.accept()[0].close(); client.close()
            print('done')
            """,
    }

    def test_programs_talk_to_themselves(self):
        if gate.allowed_sockets("loopback") == "gated" and gate.socket_bound() < 400:
            self.skipTest("the buffers of sockets are larger than a sandbox has them: so few would do")
        for name, code in self.LOOPBACK.items():
            with self.subTest(name=name):
                result = self.run_program(code)
                expected = {"servers": "32\n", "a hundred at once": "20000000\n", "datagrams": "60000\n"}
                expected.update({"a manager": "{'x': 1} 127.0.0.1\n", "an interrupted call": "done\n"})
                self.assertEqual((result.text, bytes(result.err)), (expected[name], b""))

    # What a program may have in sockets where its cgroup does not count it: each way to get one that can be filled.
    GREEDY = """
        import os, socket, struct, sys
        keep = []
        def fill(s):
            s.setblocking(False)
            for option in socket.SO_SNDBUF, socket.SO_RCVBUF: s.setsockopt(socket.SOL_SOCKET, option, 1 << 30)
            try:
                for _ in range(100): s.send(bytes(60000))
            except OSError: pass
        def used(): return int(open('/proc/self/net/sockstat').read().split()[2])
        def tcp():
            client = socket.create_connection(server.getsockname()); keep.extend((client, server.accept()[0]))
            for s in keep[-2:]: fill(s)
        def again():
            s = keep[0]
            s.setblocking(True)
            try: s.connect(server.getsockname())
            except TypeError: pass
            keep.append(server.accept()[0]); fill(s)
            libc.connect(s.fileno(), bytes(16), 16)
        def unaccepted():
            s = socket.socket(); keep.append(s); s.connect(server.getsockname()); fill(s)
        def udp():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); keep.append(s); s.bind(('127.0.0.1', 0)); s.connect(s.getsockname()); fill(s)
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        server = socket.create_server(('127.0.0.1', 0), backlog=4096)
        for way in WAYS:
            if way is again: keep.append(socket.socket())
            try:
                for _ in range(2000): way()
                print(way.__name__, 'all of them')
            except OSError as error: print(way.__name__, error.errno, used() <= BOUND + 4)
        try: keep[0].sendto(b'x', 0x20000000, server.getsockname())
        except OSError as error: print(error.errno)
        print(int(open('/proc/self/net/sockstat').read().split('mem')[1].split()[0]) >= 0)
        """

    def test_what_waits_in_sockets_is_bounded(self):
        if gate.allowed_sockets("loopback") != "gated":
            self.skipTest("the cgroup counts it")
        bound = gate.socket_bound()
        for way, errors in (("tcp", "105"), ("again", "105"), ("unaccepted", "105"), ("udp", "105")):
            with self.subTest(way=way):
                code = textwrap.dedent(self.GREEDY).replace("WAYS", f"[{way}]").replace("BOUND", str(bound))
                result = self.run_program(code, open_files=4096)
                self.assertEqual(bytes(result.err), b"")
                self.assertEqual(result.text.splitlines()[0], f"{way} {errors} True")
                self.assertIn("95", result.text.splitlines())

    def test_without_internet_sockets_libraries_still_work(self):
        result = self.run_program(
            """
            import asyncio, multiprocessing, socket
            from concurrent.futures import ProcessPoolExecutor
            async def main(): return await asyncio.to_thread(len, "abc") if hasattr(asyncio, "to_thread") else 3
            if __name__ == "__main__":
                print(asyncio.run(main()))
                with ProcessPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, 2])))
                with multiprocessing.Manager() as manager: print(manager.list([1]))
                try: socket.getaddrinfo("example.test", 80)
                except OSError as e: print(type(e).__name__)
            """,
            sockets="unix",
        )
        self.assertEqual((result.text, result.code), ("3\n[1, 2]\n[1]\ngaierror\n", 0), result.err)
