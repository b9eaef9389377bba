#!/usr/bin/env python3
"""Golden data for the metrics: scikit-learn's values, and SSIM by SciPy's filters, as data/metrics.json.

Made with Debian 12's python3-sklearn 1.2.1 and python3-scipy 1.10.1; all random numbers are seeded.
"""
import json
import pathlib

import numpy as np
from scipy.ndimage import correlate1d
from sklearn import metrics as sk

OUT = pathlib.Path(__file__).parent / "data" / "metrics.json"


def confusion_case(name, classes, labels, predictions):
    average = {}
    for kind in ("macro", "micro", "weighted"):
        p, r, f, _ = sk.precision_recall_fscore_support(labels, predictions, average=kind, zero_division=0)
        average[kind] = [p, r, f]
    p, r, f, s = sk.precision_recall_fscore_support(labels, predictions, labels=range(classes), average=None, zero_division=0)
    return dict(name=name, classes=classes, labels=labels.tolist(), predictions=predictions.tolist(),
                confusion=sk.confusion_matrix(labels, predictions, labels=range(classes)).tolist(),
                accuracy=sk.accuracy_score(labels, predictions), balanced=sk.balanced_accuracy_score(labels, predictions),
                precision=p.tolist(), recall=r.tolist(), f1=f.tolist(), support=s.tolist(), average=average,
                kappa=sk.cohen_kappa_score(labels, predictions), matthews=sk.matthews_corrcoef(labels, predictions),
                miou=sk.jaccard_score(labels, predictions, average="macro", zero_division=0))


def confusion_cases():
    r = np.random.default_rng(1)
    labels = r.integers(0, 5, 200)
    yield confusion_case("five classes", 5, labels, np.where(r.random(200) < 0.6, labels, r.integers(0, 5, 200)))
    yield confusion_case("a class never predicted", 4, r.integers(0, 4, 60), r.integers(0, 3, 60))
    yield confusion_case("classes that do not occur", 7, r.integers(0, 3, 50), r.integers(1, 5, 50))
    yield confusion_case("always one prediction", 3, r.integers(0, 3, 40), np.full(40, 1))
    yield confusion_case("two unbalanced classes", 2, (r.random(300) < 0.05).astype(int), (r.random(300) < 0.1).astype(int))


def binary_cases():
    r = np.random.default_rng(2)
    labels = (r.random(150) < 0.3).astype(int)
    noise = r.normal(size=150)
    spread = {"no ties": labels + noise, "ties": np.round((labels + noise) * 2) / 2, "all scores equal": np.full(150, 0.25),
              "perfect": labels * 2.0 - 1, "reversed": -labels.astype(float)}
    for name, scores in spread.items():
        # drop_intermediate leaves points out that lie on a line
        fpr, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
        precision, recall, _ = sk.precision_recall_curve(labels, scores)
        at = float(np.median(scores))
        p, q, f, _ = sk.precision_recall_fscore_support(labels, (scores >= at).astype(int), average="binary", zero_division=0)
        yield dict(name=name, labels=labels.tolist(), scores=scores.tolist(), fpr=fpr.tolist(), tpr=tpr.tolist(),
                   thresholds=thresholds[1:].tolist(), precision=precision[::-1].tolist(), recall=recall[::-1].tolist(),
                   auc=sk.roc_auc_score(labels, scores), ap=sk.average_precision_score(labels, scores), at=at, at_values=[p, q, f])


def probability_cases():
    r = np.random.default_rng(3)
    for classes in (2, 4):
        logits = r.normal(size=(120, classes)) * 2
        labels = np.where(r.random(120) < 0.5, logits.argmax(1), r.integers(0, classes, 120))
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        onehot = np.eye(classes)[labels]
        confidence, right = p.max(1), p.argmax(1) == labels
        ece = 0.0
        for b in range(10):
            inside = (confidence > b / 10) & (confidence <= (b + 1) / 10)
            if inside.any():
                ece += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
        brier = 2 * sk.brier_score_loss(labels, p[:, 1]) if classes == 2 else float(((p - onehot) ** 2).sum(1).mean())
        yield dict(name=f"{classes} classes", classes=classes, labels=labels.tolist(), p=p.ravel().tolist(),
                   log_loss=sk.log_loss(labels, p, labels=range(classes)), brier=brier, ece=ece,
                   top2=sk.top_k_accuracy_score(labels, p, k=2, labels=range(classes)) if classes > 2 else 1.0)


def regression_cases():
    r = np.random.default_rng(4)
    target = r.normal(size=90) * 3 + 1000
    for name, prediction in {"close": target + r.normal(size=90), "worse than the mean": -target}.items():
        yield dict(name=name, prediction=prediction.tolist(), target=target.tolist(), mae=sk.mean_absolute_error(target, prediction),
                   mse=sk.mean_squared_error(target, prediction), largest=sk.max_error(target, prediction),
                   r2=sk.r2_score(target, prediction))


def image_cases():
    r = np.random.default_rng(5)
    for name, shape, spread in (("smallest", (11, 11), 1.0), ("two planes", (2, 17, 14), 255.0)):
        a = r.random(shape)
        b = np.clip(a + 0.1 * r.normal(size=shape), 0, 1)
        a, b = np.round(a * spread, 3), np.round(b * spread, 3)
        w = np.exp(-np.arange(-5, 6) ** 2 / (2 * 1.5 ** 2))
        w /= w.sum()

        def blur(x):
            for axis in (-1, -2):
                x = correlate1d(x, w, axis=axis)
            return x[..., 5:-5, 5:-5]
        ma, mb = blur(a), blur(b)
        va, vb, cov = blur(a * a) - ma ** 2, blur(b * b) - mb ** 2, blur(a * b) - ma * mb
        c1, c2 = (0.01 * spread) ** 2, (0.03 * spread) ** 2
        ssim = (2 * ma * mb + c1) * (2 * cov + c2) / ((ma ** 2 + mb ** 2 + c1) * (va + vb + c2))
        yield dict(name=name, shape=list(shape), a=a.ravel().tolist(), b=b.ravel().tolist(), range=spread, ssim=ssim.mean(),
                   psnr=10 * np.log10(spread ** 2 / sk.mean_squared_error(a.ravel(), b.ravel())))


def main():
    data = dict(confusion=list(confusion_cases()), binary=list(binary_cases()), probabilities=list(probability_cases()),
                regression=list(regression_cases()), images=list(image_cases()))
    OUT.write_text(json.dumps(data, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
