import numpy as np

X, Y = np.arange(20.0).reshape(-1, 1), 3 * np.arange(20.0) + 1


@check
def statsmodels():
    import statsmodels.api as sm
    assert np.allclose(sm.OLS(Y, sm.add_constant(X)).fit().params, [1, 3])


@check
def sklearn():
    from sklearn.linear_model import LinearRegression
    assert np.allclose(LinearRegression().fit(X, Y).predict([[100]]), [301])


@check
def xgboost():
    import xgboost as xgb
    model = xgb.train({"nthread": 1}, xgb.DMatrix(X, label=Y), 5)
    assert model.predict(xgb.DMatrix(X)).shape == (20,)


@check
def skimage():
    from skimage import filters
    assert filters.gaussian(np.eye(8), sigma=1).max() < 1


@check
def cv2():
    import cv2 as cv
    assert cv.GaussianBlur(np.eye(8), (3, 3), 0).shape == (8, 8)
