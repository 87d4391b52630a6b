@check
def numpy():
    import numpy as np
    assert np.linalg.solve(np.array([[2.0, 0], [0, 4]]), [2, 4]).tolist() == [1, 1]


@check
def numpy_2_has_no_longer():
    import numpy as np
    gone = """float_ complex_ unicode_ string_ NaN Inf infty PINF NINF product cumproduct alltrue sometrue round_ asfarray cast mat
        msort find_common_type source int float""".split()
    assert not [name for name in gone if hasattr(np, name)]
    assert repr(np.float64(1.5)) == "np.float64(1.5)"


@check
def pandas():
    import pandas as pd
    table = pd.DataFrame({"city": ["Bergen", "Oslo", "Bergen"], "rain": [1.5, 2, 3]})
    assert table.groupby("city").rain.sum().to_dict() == {"Bergen": 4.5, "Oslo": 2}


@check
def scipy():
    import scipy.stats
    assert round(scipy.stats.norm.cdf(1.96), 3) == 0.975


@check
def sympy():
    import sympy
    x = sympy.symbols("x")
    assert sympy.solve(x**2 - 4, x) == [-2, 2]


@check
def networkx():
    import networkx
    assert networkx.shortest_path(networkx.path_graph(4), 0, 3) == [0, 1, 2, 3]


@check
def numexpr():
    import numexpr, numpy as np
    assert numexpr.evaluate("2 * a + 1", {"a": np.arange(3)}).tolist() == [1, 3, 5]


@check
def bottleneck():
    import bottleneck, numpy as np
    assert bottleneck.nanmean(np.array([1.0, np.nan, 3.0])) == 2


@check
def patsy():
    import patsy, numpy as np
    assert patsy.dmatrix("a + I(a ** 2)", {"a": np.array([1, 2])}).tolist() == [[1, 1, 1], [1, 2, 4]]


@check
def tqdm():
    import io, tqdm as bars
    shown = io.StringIO()
    assert sum(bars.tqdm(range(5), file=shown)) == 10 and "5/5" in shown.getvalue()


@check
def pydantic():
    import pydantic

    class Point(pydantic.BaseModel):
        x: int

    assert Point.model_validate_json('{"x": 3}').x == 3


@check
def zones():
    import datetime, zoneinfo
    noon = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.timezone.utc)
    local = [str(noon.astimezone(zoneinfo.ZoneInfo(zone)).hour) for zone in ("US/Eastern", "Asia/Calcutta", "Europe/Berlin")]
    assert local == ["8", "17", "14"], local


@check
def locales():
    import locale
    written = {}
    for language in "en_US en_GB de_DE fr_FR es_ES ja_JP zh_CN".split():
        locale.setlocale(locale.LC_ALL, language + ".UTF-8")
        written[language] = locale.format_string("%.2f", 1234.5, grouping=True)
    assert (written["en_US"], written["de_DE"], written["ja_JP"]) == ("1,234.50", "1.234,50", "1,234.50"), written
    locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
    assert sorted(["z", "ä", "b"], key=locale.strxfrm) == ["ä", "b", "z"]
    locale.setlocale(locale.LC_ALL, "C.UTF-8")


@check
def xarray():
    import numpy as np, xarray as xr
    grid = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("y", "x"), coords={"y": [10, 20]})
    assert grid.mean("x").sel(y=20).item() == 4


@check
def h5py():
    import h5py as hdf, numpy as np
    with hdf.File("t.h5", "w") as file:
        file["a/b"] = np.arange(4)
    with hdf.File("t.h5") as file:
        assert file["a/b"][1:3].tolist() == [1, 2]


@check
def tables():
    import pandas as pd
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    table.to_hdf("p.h5", key="t")
    assert pd.read_hdf("p.h5", "t").equals(table)


@check
def pulp():
    import pulp as lp
    problem, x = lp.LpProblem("p", lp.LpMaximize), lp.LpVariable("x", 0, 4)
    problem += 3 * x
    problem.solve(lp.PULP_CBC_CMD(msg=False))
    assert lp.value(problem.objective) == 12
