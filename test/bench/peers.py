#!/usr/bin/python3
"""The peers of the bench: what a user would pick instead. Prints one JSON line per result.

peers.py quality --train FILE [FILE …] --test FILE --level N [--quick]
    fastText on characters 1–3 (three settings; the best on the judged file counts, in its favour) and LinearSVC
    on tf-idf of characters 1–4: how often right, how long to learn, how fast to answer.
peers.py speed --train FILE [FILE …] --texts FILE --level N --runs N --singles N
    From raw text to the five best: fastText's command line (writing the characters apart included), and jieba
    words + LinearSVC in this process, in one batch, in batches of 64 and ticket by ticket.

Rows are JSON lines {"title"?, "text", "labels": […]}. Needs Debian's fasttext, python3-sklearn, python3-jieba.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")

FASTTEXT = ["-wordNgrams", "3", "-dim", "100", "-bucket", "2000000", "-loss", "softmax", "-thread", "2", "-verbose", "0"]
FASTTEXT_SETTINGS = [(15, 0.5), (25, 0.5), (25, 1.0)]


def read(paths):
    rows = []
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines if line.strip()]
    return rows


def text_of(row):
    return ((row.get("title") or "") + " " + (row.get("text") or "")).replace("\n", " ").replace("\r", " ").strip()


def label_of(row, level):
    # The place in the tree, not the code: a code may be printed twice.
    labels = row["labels"]
    return "/".join(labels[: min(level or len(labels), len(labels))])


def say(**result):
    print(json.dumps(result, ensure_ascii=False), flush=True)


def characters(text):
    return " ".join(one for one in text if one.strip())


def fasttext_line(text, number):
    return f"__label__{number} {characters(text)}\n"


def train_fasttext(folder, epoch, rate):
    subprocess.run(
        ["fasttext", "supervised", "-input", f"{folder}/train", "-output", f"{folder}/model", "-lr", str(rate), "-epoch", str(epoch), *FASTTEXT],
        check=True,
        capture_output=True,
    )


def top_k(ranked, wanted, k):
    return round(sum(right in row[:k] for row, right in zip(ranked, wanted)) / len(wanted), 4)


def ranked_by_svc(model, matrix):
    scores = model.decision_function(matrix)
    if scores.ndim == 1:  # two classes
        scores = [[-one, one] for one in scores]
        import numpy

        scores = numpy.array(scores)
    return [[model.classes_[at] for at in row[:5]] for row in (-scores).argsort(1)[:, :5]]


def quality(options):
    train, test = read(options.train), read([options.test])
    # A row that is labelled higher up cannot be judged at the level.
    train = [row for row in train if len(row["labels"]) >= (options.level or 1)]
    test = [row for row in test if len(row["labels"]) >= (options.level or 1)]
    texts, labels = [text_of(row) for row in train], [label_of(row, options.level) for row in train]
    asked, wanted = [text_of(row) for row in test], [label_of(row, options.level) for row in test]
    rows = {"level": options.level or "leaf", "trainRows": len(train), "testRows": len(test)}
    if shutil.which("fasttext") and options.only != "svm":
        numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/train", "w", encoding="utf-8") as file:
                file.writelines(fasttext_line(text, numbers[label]) for text, label in zip(texts, labels))
            with open(f"{folder}/test", "w", encoding="utf-8") as file:
                file.writelines(fasttext_line(text, numbers.get(label, -1)) for text, label in zip(asked, wanted))
            best = None
            for epoch, rate in FASTTEXT_SETTINGS[1:2] if options.quick else FASTTEXT_SETTINGS:
                start = time.time()
                train_fasttext(folder, epoch, rate)
                train_seconds, start = time.time() - start, time.time()
                out = subprocess.run(["fasttext", "predict", f"{folder}/model.bin", f"{folder}/test", "5"], check=True, capture_output=True, text=True)
                predict_seconds = time.time() - start
                ranked = [line.split() for line in out.stdout.splitlines()]
                right = [f"__label__{numbers.get(label, -1)}" for label in wanted]
                result = {
                    "top1": top_k(ranked, right, 1), "top3": top_k(ranked, right, 3), "top5": top_k(ranked, right, 5),
                    "trainSeconds": round(train_seconds, 1), "ticketsPerSecond": round(len(test) / predict_seconds),
                    "setting": f"epoch {epoch}, lr {rate}", "modelMegabytes": round(os.path.getsize(f"{folder}/model.bin") / 1e6),
                }
                if best is None or result["top1"] > best["top1"]:
                    best = result
            say(peer="fastText char 1-3", **rows, **best)
    elif options.only != "svm":
        say(peer="fastText char 1-3", missing="fasttext is not installed")
    if options.only == "fasttext":
        return
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
    except ImportError:
        say(peer="LinearSVC char 1-4 tf-idf", missing="python3-sklearn is not installed")
        return
    start = time.time()
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
    model = LinearSVC(C=0.5).fit(vectorizer.fit_transform(texts), labels)
    train_seconds, start = time.time() - start, time.time()
    ranked = ranked_by_svc(model, vectorizer.transform(asked))
    predict_seconds = time.time() - start
    say(
        peer="LinearSVC char 1-4 tf-idf", **rows,
        top1=top_k(ranked, wanted, 1), top3=top_k(ranked, wanted, 3), top5=top_k(ranked, wanted, 5),
        trainSeconds=round(train_seconds, 1), ticketsPerSecond=round(len(test) / predict_seconds),
    )


def median_rate(count, runs, run):
    rates = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        rates.append(count / (time.perf_counter() - start))
    return round(statistics.median(rates), 1)


def speed(options):
    train = read(options.train)
    texts, labels = [text_of(row) for row in train], [label_of(row, options.level) for row in train]
    asked = [text_of(row) for row in read([options.texts])]
    if shutil.which("fasttext"):
        numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/train", "w", encoding="utf-8") as file:
                file.writelines(fasttext_line(text, numbers[label]) for text, label in zip(texts, labels))
            train_fasttext(folder, 5, 0.5)  # speed of answers does not depend on how long it learnt
            command = ["fasttext", "predict", f"{folder}/model.bin"]

            def predict(path):
                subprocess.run([*command, path, "5"], check=True, capture_output=True)

            def raw():
                with open(f"{folder}/raw", "w", encoding="utf-8") as file:
                    file.writelines(characters(text) + "\n" for text in asked)
                predict(f"{folder}/raw")

            raw()
            open(f"{folder}/none", "w").close()
            load = 1 / median_rate(1, options.runs, lambda: predict(f"{folder}/none"))
            whole = median_rate(len(asked), options.runs, raw)
            prepared = median_rate(len(asked), options.runs, lambda: predict(f"{folder}/raw"))
            say(
                peer="fastText command line", tickets=len(asked), batch=whole, prepared=prepared, loadSeconds=round(load, 2),
                # Where loading is nearly all of it, what is left is noise.
                loaded=round(len(asked) / (len(asked) / whole - load), 1) if len(asked) / whole > 1.5 * load else None,
            )
    else:
        say(peer="fastText command line", missing="fasttext is not installed")
    try:
        import jieba
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
    except ImportError as error:
        say(peer="jieba + LinearSVC", missing=str(error))
        return
    jieba.setLogLevel(60)
    jieba.initialize()
    words = lambda text: [word for word in jieba.cut(text) if word.strip()]
    vectorizer = TfidfVectorizer(analyzer=words, sublinear_tf=True, min_df=2)
    model = LinearSVC(C=0.5).fit(vectorizer.fit_transform(texts), labels)
    answer = lambda some: ranked_by_svc(model, vectorizer.transform(some))
    answer(asked[:64])
    some = asked[: options.singles]
    say(
        peer="jieba + LinearSVC", tickets=len(asked),
        single=median_rate(len(some), options.runs, lambda: [answer([text]) for text in some]),
        batch64=median_rate(len(asked), options.runs, lambda: [answer(asked[at : at + 64]) for at in range(0, len(asked), 64)]),
        batch=median_rate(len(asked), options.runs, lambda: answer(asked)),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("quality", "speed"):
        command = commands.add_parser(name)
        command.add_argument("--train", nargs="+", required=True)
        command.add_argument("--level", type=int, default=0, help="0: the deepest label")
        if name == "quality":
            command.add_argument("--test", required=True)
            command.add_argument("--only", choices=["fasttext", "svm"], default="")
            command.add_argument("--quick", action="store_true", help="one setting of fastText instead of three")
        else:
            command.add_argument("--texts", required=True)
            command.add_argument("--runs", type=int, default=5)
            command.add_argument("--singles", type=int, default=500)
    options = parser.parse_args()
    {"quality": quality, "speed": speed}[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
