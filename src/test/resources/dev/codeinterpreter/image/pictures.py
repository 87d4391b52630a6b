import warnings

import matplotlib.pyplot as plot
import numpy as np
from PIL import Image, ImageDraw, ImageFont

LANGUAGES = {
    "Chinese": "中文数据图表", "Japanese": "日本語グラフ ひらがな", "Korean": "한국어 그래프", "Arabic": "العربية مبيعات",
    "Hindi": "हिन्दी बिक्री", "Hebrew": "עברית", "Thai": "ภาษาไทย", "Bengali": "বাংলা", "Tamil": "தமிழ்",
    "Russian": "Привет", "Greek": "Ελλάδα", "emoji": "😀🚀📊🎉✅❌🔥🤖🤔⭐❤️👍", "signs": "∑∫√≤≠→⇒★●■▲−€",
}


def draw(file):
    figure, axes = plot.subplots(figsize=(4, 3))
    for place, text in enumerate(LANGUAGES.values()):
        axes.text(0.1, place / len(LANGUAGES), text)
    axes.set_title("Verkäufe 销售额")
    figure.savefig(file)
    plot.close(figure)


@check
def matplotlib_draws_every_language_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for file in "languages.png", "languages.svg":
            draw(file)


@check
def matplotlib_writes_pdf_with_other_fonts():
    figure, axes = plot.subplots()
    axes.set_title("销售额 हिन्दी")
    figure.savefig("languages.pdf")
    plot.close(figure)
    assert open("languages.pdf", "rb").read(5) == b"%PDF-"


@check
def seaborn_themes_keep_the_fonts():
    import seaborn as sns
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sns.set_theme(style="whitegrid")
        axes = sns.barplot(x=["北京", "上海"], y=[1, 2])
        axes.figure.savefig("bars.png")
    plot.close("all")
    plot.rcdefaults()


@check
def matplotlib_venn():
    from matplotlib_venn import venn2
    venn2(subsets=(1, 2, 3))
    plot.savefig("venn.png")
    plot.close("all")


@check
def pillow_draws_emoji_in_colour():
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf", 109)
    image = Image.new("RGB", (150, 150), "white")
    ImageDraw.Draw(image).text((5, 5), "😀", font=font, embedded_color=True)
    assert any(max(pixel) - min(pixel) > 100 for _, pixel in image.getcolors(1 << 16))


@check
def imageio():
    import imageio.v3 as iio
    iio.imwrite("t.gif", np.stack([np.full((8, 8), 80 * n, "uint8") for n in range(3)]), loop=0)
    assert iio.imread("t.gif").shape[:3] == (3, 8, 8)


@check
def qrcode():
    import cv2, qrcode as qr
    qr.make("https://example.com/a").save("qr.png")
    assert cv2.QRCodeDetector().detectAndDecode(cv2.imread("qr.png"))[0] == "https://example.com/a"


@check
def wordcloud():
    from wordcloud import WordCloud
    cloud = WordCloud(width=80, height=40).generate("one two two three three three")
    assert cloud.to_array().shape == (40, 80, 3) and "three" in cloud.words_


@check
def plotly():
    import plotly.express as px
    assert px.line(x=[1, 2], y=[3, 4]).to_html(include_plotlyjs="cdn").count("<div") > 1


@check
def altair():
    import altair as charts, pandas as pd
    chart = charts.Chart(pd.DataFrame({"x": [1, 2], "y": [3, 4]})).mark_bar().encode(x="x:Q", y="y:Q")
    assert chart.to_dict()["mark"]["type"] == "bar"


@check
def graphviz():
    import graphviz as graphs
    graph = graphs.Digraph()
    graph.edge("a", "b")
    assert graph.pipe(format="png")[:4] == b"\x89PNG"


@check
def barcode():
    import barcode as bars
    bars.get("code128", "abc").write(open("code.svg", "wb"))
    assert "<svg" in open("code.svg").read()


@check
def cairosvg():
    import cairosvg as svg
    source = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9' fill='red'/></svg>"
    svg.svg2png(bytestring=source.encode(), write_to="red.png")
    assert Image.open("red.png").convert("RGB").getpixel((4, 4)) == (255, 0, 0)


@check
def soundfile():
    import soundfile as sound
    sound.write("t.wav", np.sin(np.arange(800) / 10), 8000)
    assert sound.read("t.wav")[1] == 8000


@check
def tesseract():
    import subprocess
    image = Image.new("L", (700, 150), 255)
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", 80)
    ImageDraw.Draw(image).text((20, 20), "Total 4711", fill=0, font=font)
    image.save("scan.png")
    read = subprocess.run(["tesseract", "scan.png", "-", "--psm", "7"], capture_output=True, text=True).stdout
    assert read.strip() == "Total 4711", read


@check
def geopandas_with_shapely_and_pyproj():
    import geopandas, shapely
    square = geopandas.GeoSeries([shapely.box(10, 59, 11, 60)], crs="EPSG:4326").to_crs("EPSG:25832")
    assert 6e9 < square.area[0] < 7e9
    geopandas.GeoDataFrame({"a": [1]}, geometry=square).to_file("t.gpkg")
    assert geopandas.read_file("t.gpkg").a.tolist() == [1]
