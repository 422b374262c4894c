"""tables.py PROGRAM DATA FOLDER [TABLE...] - AUC of `holdfast` and of scikit-learn on five tables, the same folds: a line
of JSON each.

A third of each table is left out in turn: its labels are blank in the file that `holdfast` gets, which then exports what
it predicts for those rows.  Theirs: gradient boosting and a random forest, each with the better of a few settings in
cross-validation of the rows to learn from."""
import csv, json, math, os, subprocess, sys, time, warnings
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import OrdinalEncoder

warnings.filterwarnings("ignore")
program, data, folder = sys.argv[1:4]
TABLES = {      # file, label, its yes, columns left out (of Hillstrom what came after the visit)
    "telco": ("telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv", "Churn", "Yes", ["customerID"]),
    "mlc_churn": ("mlc_churn/mlc_churn.csv", "churn", "yes", ["rownames"]),
    "bank_marketing": ("bank_marketing/bank-full.csv", "y", "yes", []),
    "online_shoppers": ("online_shoppers/online_shoppers_intention.csv", "Revenue", "TRUE", []),
    "hillstrom": ("hillstrom/hillstrom.csv", "visit", "1", ["conversion", "spend"]),
}
FOLDS = 3


def read(path, out):
    with open(path, encoding="utf-8-sig", newline="") as file:
        text = file.read()
    rows = list(csv.reader(text.splitlines(), delimiter=";" if text.splitlines()[0].count(";") > 3 else ","))
    keep = [i for i, name in enumerate(rows[0]) if name not in out]
    return [rows[0][i] for i in keep], [[row[i] for i in keep] for row in rows[1:] if len(row) == len(rows[0])]


def numbers(rows, skip):
    """Columns as numbers: texts by their rank, which trees can cut as well as any other order."""
    columns = []
    for i in range(len(rows[0])):
        if i == skip: continue
        values = [row[i].strip() for row in rows]
        try: columns.append([float(v) if v else math.nan for v in values])
        except ValueError: columns.append(OrdinalEncoder().fit_transform([[v] for v in values])[:, 0].tolist())
    return np.array(columns, dtype=float).T


def ours(name, header, rows, label, yes, test):
    path, database = f"{folder}/{name}.csv", f"{folder}/{name}.holdfast"
    for suffix in ("", "-wal", "-shm", ".key"):
        if os.path.exists(database + suffix): os.remove(database + suffix)
    is_test = set(test.tolist())
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["customer_id"] + header)
        for i, row in enumerate(rows):
            out.writerow([f"C{i:06d}"] + [("" if j == label and i in is_test else v) for j, v in enumerate(row)])
    began = time.time()
    run = lambda *words: subprocess.run([program, *words, "--db", database], check=True, capture_output=True, text=True).stdout
    run("import", path, "--shape", "table", "--customer", "customer_id", "--target", header[label])
    run("train", "--yes", yes)
    run("score")
    seconds = time.time() - began
    scores = run("export", "scores")
    rows = list(csv.DictReader(scores.splitlines()))
    answer = "churn_probability" if "churn_probability" in rows[0] else "probability"     # by what the label is called
    found = {row["customer"]: float(row[answer] or "nan") for row in rows}
    return [found[f"C{i:06d}"] for i in test], seconds


def theirs(x, y, train, test):
    began, found = time.time(), {}
    for name, model, grid in (
            ("gradient boosting", HistGradientBoostingClassifier(random_state=1),
             {"learning_rate": [0.05, 0.1], "max_leaf_nodes": [7, 31]}),
            ("random forest", RandomForestClassifier(200, random_state=1, n_jobs=2), {"min_samples_leaf": [1, 5]})):
        filled = x if name == "gradient boosting" else np.nan_to_num(x, nan=-1)
        search = GridSearchCV(model, grid, scoring="roc_auc", cv=3).fit(filled[train], y[train])
        found[name] = search.predict_proba(filled[test])[:, 1]
    return found, time.time() - began


for name, (file, label_name, yes, out) in TABLES.items():
    if len(sys.argv) > 4 and name not in sys.argv[4:]: continue
    header, rows = read(f"{data}/{file}", out)
    label = header.index(label_name)
    y = np.array([row[label] == yes for row in rows], dtype=int)
    x, answer = numbers(rows, label), {"table": name, "ours": [], "ours_seconds": 0, "theirs_seconds": 0}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(x, y):
        predicted, seconds = ours(name, header, rows, label, yes, test)
        answer["ours"].append(roc_auc_score(y[test], predicted))
        answer["ours_seconds"] += seconds
        found, seconds = theirs(x, y, train, test)
        answer["theirs_seconds"] += seconds
        for model, p in found.items(): answer.setdefault(model, []).append(roc_auc_score(y[test], p))
    for key in ("ours", "gradient boosting", "random forest"): answer[key] = float(np.mean(answer[key]))
    print(json.dumps(answer), flush=True)
