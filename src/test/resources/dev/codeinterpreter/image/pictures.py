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
