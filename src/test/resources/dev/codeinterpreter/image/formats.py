import io
import struct

import pandas as pd

TABLE = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@check
def openpyxl_and_xlsxwriter():
    for engine in "openpyxl", "xlsxwriter":
        TABLE.to_excel("t.xlsx", index=False, engine=engine)
        assert pd.read_excel("t.xlsx").equals(TABLE), engine


@check
def xlrd():
    import xlrd as reader
    records = (0x09, struct.pack("<HH", 2, 0x10)), (0x03, struct.pack("<HH3xd", 0, 0, 6.5)), (0x0A, b"")
    sheet = reader.open_workbook(file_contents=b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records))
    assert sheet.sheet_by_index(0).cell_value(0, 0) == 6.5


@check
def docx():
    import docx as word
    document = word.Document()
    document.add_paragraph("hello")
    document.save("t.docx")
    assert word.Document("t.docx").paragraphs[0].text == "hello"


@check
def fpdf_and_pypdf():
    import fpdf, pypdf
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("helvetica", size=12)
    document.cell(40, 10, "from fpdf")
    document.output("t.pdf")
    assert "from fpdf" in pypdf.PdfReader("t.pdf").pages[0].extract_text()


@check
def reportlab():
    from reportlab.pdfgen import canvas
    page = canvas.Canvas("r.pdf")
    page.drawString(100, 700, "from reportlab")
    page.save()
    assert open("r.pdf", "rb").read(5) == b"%PDF-"


@check
def yaml():
    import yaml as language
    assert language.safe_load(language.safe_dump({"a": [1, "ä"]})) == {"a": [1, "ä"]}


@check
def simplejson():
    import decimal, simplejson as json
    assert json.dumps(decimal.Decimal("0.1")) == "0.1"


@check
def msgpack():
    import msgpack as pack
    assert pack.unpackb(pack.packb({"a": [1, b"x"]})) == {"a": [1, b"x"]}


@check
def zstandard():
    import zstandard as zstd
    assert zstd.decompress(zstd.compress(b"x" * 1000)) == b"x" * 1000


@check
def tabulate():
    assert TABLE.to_markdown(index=False).splitlines()[0] == "|   a | b   |"


@check
def jinja2():
    import jinja2 as templates
    assert templates.Template("{% for n in names %}{{ n }};{% endfor %}").render(names="ab") == "a;b;"
    assert "<table" in TABLE.style.highlight_max("a").to_html()


@check
def bs4_and_html5lib():
    import bs4, html5lib
    assert bs4.BeautifulSoup("<p>a<p>b", "html5lib").find_all("p")[1].text == "b"
    assert html5lib.parse("<b>x", namespaceHTMLElements=False).find("body/b").text == "x"
    html = io.StringIO(TABLE.to_html(index=False))
    assert pd.read_html(html, flavor="bs4")[0].equals(TABLE)


@check
def lxml():
    from lxml import etree
    assert etree.fromstring("<a><b>1</b></a>").xpath("b/text()") == ["1"]


@check
def requests():
    import requests as http
    assert http.Request("GET", "http://a/", params={"q": "ä"}).prepare().url == "http://a/?q=%C3%A4"
    try:
        http.get("http://127.0.0.1:9/", timeout=1)
        raise AssertionError("somebody answers")
    except http.ConnectionError:
        pass


@check
def chardet():
    import chardet as detector
    assert detector.detect("Grüße aus Köln, schöne Straße".encode("utf-8"))["encoding"] == "utf-8"


@check
def unidecode():
    from unidecode import unidecode as plain
    assert plain("Čeština 北京") == "Cestina Bei Jing "


@check
def regex():
    import regex as re
    assert re.findall(r"\p{Lu}\w+", "Ärger über Öl") == ["Ärger", "Öl"]


@check
def odf():
    TABLE.to_excel("t.ods", index=False, engine="odf")
    assert pd.read_excel("t.ods").equals(TABLE)


@check
def pdfminer():
    from pdfminer.high_level import extract_text
    assert "from reportlab" in extract_text("r.pdf")


@check
def markdown():
    import markdown as md
    assert md.markdown("# a") == "<h1>a</h1>"


@check
def sqlalchemy():
    import sqlalchemy as sql
    with sql.create_engine("sqlite://").begin() as connection:
        TABLE.to_sql("t", connection, index=False)
        assert connection.execute(sql.text("select sum(a) from t")).scalar() == 3


@check
def toml():
    import toml as language
    assert language.loads(language.dumps({"a": {"b": 1}})) == {"a": {"b": 1}}


@check
def orjson():
    import orjson as json
    assert json.loads(json.dumps({"a": [1, "ä"]})) == {"a": [1, "ä"]}


@check
def jsonschema():
    import jsonschema as schemas
    try:
        schemas.validate({"a": "x"}, {"properties": {"a": {"type": "integer"}}})
        raise AssertionError("accepted")
    except schemas.ValidationError as error:
        assert list(error.path) == ["a"]


@check
def pycountry():
    import pycountry as countries
    assert countries.countries.get(alpha_2="NO").name == "Norway"
