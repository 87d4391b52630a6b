import json
import subprocess

from fpdf import FPDF


def run(line):
    done = subprocess.run(line, shell=True, capture_output=True, text=True)
    assert done.returncode == 0, (line, done)
    return done.stdout


document = FPDF()
document.add_page()
document.set_font("helvetica", size=12)
document.cell(40, 10, "page one")
document.output("t.pdf")
open("t.txt", "w").write("text\n")
json.dump({"a": [1, 2]}, open("t.json", "w"))


@check
def zip_and_unzip():
    run("zip -q t.zip t.txt t.json && mkdir out && unzip -q t.zip -d out")
    assert open("out/t.txt").read() == "text\n"


@check
def jq():
    assert run("jq -c '.a | map(. * 2)' t.json") == "[2,4]\n"


@check
def file():
    assert "PDF document" in run("file t.pdf")


@check
def git():
    run("git init -q r && cd r && cp ../t.txt . && git add . && git commit -q -m first")
    assert run("git -C r log --format='%s %an'") == "first sandbox\n"


@check
def poppler():
    assert "page one" in run("pdftotext t.pdf -")
    assert "Pages:           1" in run("pdfinfo t.pdf")
    run("pdftoppm -r 30 -png t.pdf page")
    assert open("page-1.png", "rb").read(4) == b"\x89PNG"


@check
def sqlite3():
    assert run("sqlite3 t.db 'create table t(a); insert into t values (6), (1); select sum(a) from t'") == "7\n"


@check
def tree():
    assert "t.txt" in run("tree out")


@check
def pytest():
    open("test_a.py", "w").write("def test_a():\n    assert 1 + 1 == 2\n")
    assert "1 passed" in run("python -m pytest -q -p no:cacheprovider test_a.py")


@check
def ipython():
    assert run("python -m IPython --colors=NoColor --no-banner -c '6 * 7'").split() == ["Out[1]:", "42"]


@check
def rich():
    import io
    from rich.console import Console
    from rich.table import Table
    table, console = Table("name"), Console(file=io.StringIO(), width=40)
    table.add_row("x")
    console.print(table)
    assert "│ x" in console.file.getvalue()


@check
def cryptography():
    from cryptography.fernet import Fernet
    box = Fernet(Fernet.generate_key())
    assert box.decrypt(box.encrypt(b"x")) == b"x"


@check
def psutil():
    import os, psutil as processes
    assert processes.Process().pid == os.getpid()
