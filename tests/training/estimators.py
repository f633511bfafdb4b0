"""Functions that return estimators, as people write them; the tests name them in settings."""

from typing import Any

from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SMALL = {"n_estimators": 30, "random_state": 0}


def lightgbm(task: str) -> Any:
    kind = LGBMRegressor if task == "regression" else LGBMClassifier
    return kind(n_estimators=60, learning_rate=0.1, num_leaves=15, n_jobs=1, verbosity=-1)


def lightgbm_forest(task: str) -> Any:
    return lightgbm(task).set_params(boosting_type="rf", subsample=0.5, subsample_freq=1)


def lightgbm_searched(task: str) -> Any:
    return GridSearchCV(lightgbm(task), {"num_leaves": [4, 8]}, cv=2)


def lightgbm_of_zeros(task: str) -> Any:
    return lightgbm(task).set_params(zero_as_missing=True)


def lightgbm_linear(task: str) -> Any:
    return lightgbm(task).set_params(linear_tree=True)


def poisson(task: str) -> Any:
    return LGBMRegressor(objective="poisson", n_estimators=10, n_jobs=1, verbosity=-1)


def gradient(task: str) -> Any:
    return (GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier)(**SMALL)


def tree(task: str) -> Any:
    return (DecisionTreeRegressor if task == "regression" else DecisionTreeClassifier)(max_depth=4)


def histogram(task: str) -> Any:
    return (HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier)(max_iter=30)


def forest(task: str) -> Any:
    return RandomForestClassifier(**SMALL)


def extra(task: str) -> Any:
    return ExtraTreesClassifier(**SMALL)


def logistic(task: str) -> Any:
    return LogisticRegression()


def without_intercept(task: str) -> Any:
    return LogisticRegression(fit_intercept=False)


def descent(task: str) -> Any:
    return SGDRegressor() if task == "regression" else SGDClassifier(loss="log_loss", random_state=0)


def discriminant(task: str) -> Any:
    return LinearDiscriminantAnalysis()


def lasso(task: str) -> Any:
    return Lasso(alpha=0.01)


def elastic(task: str) -> Any:
    return ElasticNet(alpha=0.01)


def network(task: str) -> Any:
    return MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0)


def vectors(task: str) -> Any:
    return SVC(probability=True, random_state=0)


def bayes(task: str) -> Any:
    return GaussianNB()


def neighbours(task: str) -> Any:
    return KNeighborsClassifier(15)


def ada(task: str) -> Any:
    return AdaBoostClassifier(n_estimators=20, random_state=0)


def voting(task: str) -> Any:
    members = [("linear", LogisticRegression()), ("bayes", GaussianNB())]
    return VotingClassifier(members, voting="soft", flatten_transform=False)


def stacking(task: str) -> Any:
    return StackingClassifier([("linear", LogisticRegression()), ("bayes", GaussianNB())])


# What is known to go silently wrong on its way to ONNX.


def native_categories(task: str) -> Any:
    return HistGradientBoostingClassifier(max_iter=30, categorical_features=[0])


def isotonic(task: str) -> Any:
    return CalibratedClassifierCV(RandomForestClassifier(**SMALL), method="isotonic")


def voting_forest(task: str) -> Any:
    return VotingClassifier([("forest", RandomForestClassifier(**SMALL))], voting="soft", flatten_transform=False)


def voting_histogram(task: str) -> Any:
    boosted = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=63)
    return VotingClassifier([("boosted", boosted)], voting="soft", flatten_transform=False)


def ordinal(task: str) -> Any:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return Pipeline([("encode", encoder), ("boost", HistGradientBoostingClassifier(max_iter=30))])


def scaled_discriminant(task: str) -> Any:
    return Pipeline([("scale", StandardScaler()), ("discriminant", LinearDiscriminantAnalysis())])


def iso1(task: str) -> Any:
    return CalibratedClassifierCV(GaussianNB(), method="isotonic")


def iso2(task: str) -> Any:
    return CalibratedClassifierCV(RandomForestClassifier(30, max_depth=4, random_state=0), method="isotonic")


def iso3(task: str) -> Any:
    return CalibratedClassifierCV(
        RandomForestClassifier(30, min_samples_leaf=5, random_state=0), method="isotonic", cv=2
    )


def iso4(task: str) -> Any:
    return CalibratedClassifierCV(DecisionTreeClassifier(max_depth=4, random_state=0), method="isotonic")


def iso5(task: str) -> Any:
    return CalibratedClassifierCV(HistGradientBoostingClassifier(max_iter=30), method="isotonic")


def iso6(task: str) -> Any:
    return CalibratedClassifierCV(KNeighborsClassifier(15), method="isotonic")


def iso7(task: str) -> Any:
    return CalibratedClassifierCV(LogisticRegression(C=100), method="isotonic")
