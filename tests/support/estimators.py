"""Functions that return estimators, as people write them; the tests name them in settings."""

from pickle import PicklingError
from typing import Any

from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.linalg import LinAlgError
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import ElasticNet, LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SMALL_FOREST = {"n_estimators": 30, "random_state": 0}


# What the tables express.


def lightgbm(task: str) -> Any:
    kind = LGBMRegressor if task == "regression" else LGBMClassifier
    return kind(n_estimators=60, learning_rate=0.1, num_leaves=15, n_jobs=1, verbosity=-1)


def lightgbm_forest(task: str) -> Any:
    return lightgbm(task).set_params(boosting_type="rf", subsample=0.5, subsample_freq=1)


def lightgbm_without_missing(task: str) -> Any:
    return lightgbm(task).set_params(use_missing=False)


def lightgbm_searched(task: str) -> Any:
    return GridSearchCV(lightgbm(task), {"num_leaves": [4, 8]}, cv=2)


def gradient(task: str) -> Any:
    return (GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier)(**SMALL_FOREST)


def histogram(task: str) -> Any:
    return (HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier)(max_iter=60)


def tree(task: str) -> Any:
    return (DecisionTreeRegressor if task == "regression" else DecisionTreeClassifier)(max_depth=6, random_state=0)


def forest(task: str) -> Any:
    return (RandomForestRegressor if task == "regression" else RandomForestClassifier)(**SMALL_FOREST)


def extra(task: str) -> Any:
    return (ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier)(**SMALL_FOREST)


def logistic(task: str) -> Any:
    return LogisticRegression()


def without_intercept(task: str) -> Any:
    return LogisticRegression(fit_intercept=False)


def descent(task: str) -> Any:
    return SGDRegressor(random_state=0) if task == "regression" else SGDClassifier(loss="log_loss", random_state=0)


def discriminant(task: str) -> Any:
    return LinearDiscriminantAnalysis()


def elastic(task: str) -> Any:
    return ElasticNet(alpha=0.01)


def network(task: str) -> Any:
    kind = MLPRegressor if task == "regression" else MLPClassifier
    return kind(hidden_layer_sizes=(16,), activation="tanh", learning_rate_init=0.01, max_iter=300, random_state=0)


# What takes ONNX.


def vectors(task: str) -> Any:
    return SVR() if task == "regression" else CalibratedClassifierCV(SVC(), ensemble=False)


def bayes(task: str) -> Any:
    return GaussianNB()


def neighbours(task: str) -> Any:
    return (KNeighborsRegressor if task == "regression" else KNeighborsClassifier)(15)


def ada(task: str) -> Any:
    return AdaBoostClassifier(n_estimators=20, random_state=0)


def voting(task: str) -> Any:
    members = [("linear", LogisticRegression()), ("bayes", GaussianNB())]
    return VotingClassifier(members, voting="soft", flatten_transform=False)


def stacking(task: str) -> Any:
    return StackingClassifier([("linear", LogisticRegression()), ("bayes", GaussianNB())])


def scaled_logistic(task: str) -> Any:
    return Pipeline([("scale", StandardScaler()), ("logistic", LogisticRegression())])


def scaled_histogram(task: str) -> Any:
    return Pipeline([("scale", StandardScaler()), ("boosted", HistGradientBoostingClassifier(max_iter=60))])


def ordinal(task: str) -> Any:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return Pipeline([("encode", encoder), ("boosted", HistGradientBoostingClassifier(max_iter=30))])


def voting_histogram(task: str) -> Any:
    boosted = HistGradientBoostingClassifier(max_iter=60)
    return VotingClassifier([("boosted", boosted)], voting="soft", flatten_transform=False)


# What goes silently wrong on its way to ONNX.


def native_categories(task: str) -> Any:
    return HistGradientBoostingClassifier(max_iter=30, categorical_features=[0])


def isotonic(task: str) -> Any:
    return CalibratedClassifierCV(LogisticRegression(C=100), method="isotonic")


def voting_forest(task: str) -> Any:
    return VotingClassifier(
        [("forest", RandomForestClassifier(**SMALL_FOREST))], voting="soft", flatten_transform=False
    )


def bagging(task: str) -> Any:
    return BaggingClassifier(n_estimators=10, random_state=0)


def scaled_discriminant(task: str) -> Any:
    return Pipeline([("scale", StandardScaler()), ("discriminant", LinearDiscriminantAnalysis())])


def gamma(task: str) -> Any:
    return HistGradientBoostingRegressor(loss="gamma", max_iter=10)


# What neither expresses.


def lightgbm_of_zeros(task: str) -> Any:
    return lightgbm(task).set_params(zero_as_missing=True)


def lightgbm_linear(task: str) -> Any:
    return lightgbm(task).set_params(linear_tree=True)


class WithCategories(LGBMClassifier):
    def fit(self, X: Any, y: Any, **options: Any) -> Any:  # type: ignore[override]  # noqa: N803
        # The categories are encoded last.
        return super().fit(X, y, categorical_feature=list(range(X.shape[1] - 3, X.shape[1])), **options)


def lightgbm_categories(task: str) -> Any:
    return WithCategories(**lightgbm(task).get_params())


def lightgbm_one_against_all(task: str) -> Any:
    return lightgbm(task).set_params(objective="multiclassova")


def poisson(task: str) -> Any:
    return lightgbm(task).set_params(objective="poisson")


def poisson_network(task: str) -> Any:
    return network(task).set_params(loss="poisson")


def with_another_beginning(task: str) -> Any:
    return gradient(task).set_params(init=LogisticRegression())


# What is no estimator for the task.


def a_class(task: str) -> Any:
    return LGBMClassifier


def without_probabilities(task: str) -> Any:
    return SVR()


def without_probabilities_once_fitted(task: str) -> Any:
    return SVC()


def nothing(task: str) -> Any:
    return None


def failing(task: str) -> Any:
    raise RuntimeError(f"nothing for {task}\nbut a second line")


class Singular(LogisticRegression):  # type: ignore[misc]
    def fit(self, x: Any, y: Any) -> Any:
        raise LinAlgError("singular")


def not_fitting(task: str) -> Any:
    return Singular()


class Backwards(LogisticRegression):  # type: ignore[misc]
    def fit(self, x: Any, y: Any) -> Any:
        fitted = super().fit(x, y)
        fitted.classes_ = fitted.classes_[::-1]
        return fitted


def backwards(task: str) -> Any:
    return Backwards()


class Endless(LogisticRegression):  # type: ignore[misc]
    def predict_proba(self, x: Any) -> Any:
        return super().predict_proba(x) * float("nan")


def predicting_nothing(task: str) -> Any:
    return Endless()


class Single(LogisticRegression):  # type: ignore[misc]
    def predict_proba(self, x: Any) -> Any:
        if len(x) > 1:
            raise RuntimeError("one at a time")
        return super().predict_proba(x)


def predicting_one(task: str) -> Any:
    return Single()


class Fleeting(LogisticRegression):  # type: ignore[misc]
    def __reduce__(self) -> Any:
        raise PicklingError("it holds a connection")


def not_pickled(task: str) -> Any:
    return Fleeting()
