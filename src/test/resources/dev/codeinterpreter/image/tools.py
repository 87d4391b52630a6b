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
