#!/bin/sh
# survival_test.sh - holdfast survival on R's files against R's figures, and on what it must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/survival.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

printf 'days,gone,plan\n10,1,a\n20,0,a\n30,0,a\n12,1,b\n25,1,b\n40,1,b\n' >open.csv
check 'a median that is not reached is said so' 0 '^a  *3  *1  *unreached  *10 - *unreached' \
    "$holdfast" survival open.csv --time days --event gone --group plan
check 'and what that means'                     0 'more than half are without the event at the end' \
    "$holdfast" survival open.csv --time days --event gone --group plan

if [ -e "$data/survival/lung.csv" ]; then
    lung() { "$holdfast" survival "$data/survival/lung.csv" --time time --event status "$@"; }
    check 'lung: hazard by age'           0 '^age  *0.0170453  *0.009223' lung --covariates age,sex
    check 'lung: hazard by sex'           0 '^sex  *-0.513219  *0.1675'   lung --covariates age,sex
    lung --covariates age,sex --json >out.json
    holds 'lung: three tests of Cox, and concordance' 'const c = json.cox; near(c.lr, 14.12, .006) && near(c.wald, 13.47, .006) &&
        near(c.score, 13.72, .006) && near(c.concordance, .603, 6e-4) && near(c.concordance_se, .025, 6e-4)'
    lung --covariates ph.ecog --json >out.json
    holds 'lung: pairs that concordance counts' 'JSON.stringify(Object.values(json.cox.pairs)) === "[8392,4258,7137,21,7]"'
    check 'lung: mean of Weibull'         0 '"mean": 384.8528'            lung --json
    check 'lung: medians'                 0 '^0.0  *63  *37  *394  *348 - *574  *428.6' lung --group ph.ecog --until 730
    check 'lung: medians, the second'     0 '^1.0 .* 306  *268 - *429  *36[56].[0-9]' lung --group ph.ecog --until 730
    lung --group ph.ecog --until 730 --json >out.json
    holds 'lung: errors of the means'     'const se = Object.fromEntries(json.curves.map((c) => [c.group, c.rmean.se]));
        near(se["0.0"], 32.2, .06) && near(se["1.0"], 22.4, .06) && near(se["2.0"], 30, .06)'
    lung --covariates ph.ecog,sex --json >out.json
    holds 'lung: Weibull, each'           'const w = json.weibull, of = (n) => w.coefficients.find((c) => c.name === n).coef;
        near(of("(Intercept)"), 5.8195907, 1e-6) && near(of("ph.ecog"), -.3557319, 1e-6) && near(of("sex"), .4013684, 1e-6) &&
        near(w.scale, .7310495, 1e-6) && near(w.log_likelihood, -1133.1, .06)'
    check 'lung: mean up to 730'          0 '^2.0  *50  *44  *199  *156 - *288  *255.6' lung --group ph.ecog --until 730
    at365() { lung --group ph.ecog --at 365,730 --json | grep -A3 "\"time\": $1.0" | tr -d '\n ' && echo; }
    check 'lung: the curve at 365'        0 '"survival":0.535[0-9]*,"se":0.07278' at365 365
    check 'lung: the curve at 730'        0 '"survival":0.193[0-9]*,"se":0.07065' at365 730
    check 'lung: gain of Cox'             0 '"lr": 14.12'                 lung --covariates age,sex --json
    check 'lung: log-rank within strata'  0 'chi squared 21.37 with 7 degrees' lung --group pat.karno --strata inst
    check 'lung: Weibull, its scale'      0 '"scale": 0.73104'            lung --covariates ph.ecog,sex --json
    check 'lung: Weibull, likelihood'     0 '"log_likelihood": -1133.0'   lung --covariates ph.ecog,sex --json
    check 'lung: Weibull without'         0 '"scale": 0.75939'            lung --json
    check 'lung: Weibull without'         0 '(Intercept)  *6.0349'        lung
    check 'lung: Weibull, age'            0 '^age  *-0.00747544'          lung --covariates sex,age,ph.ecog
    check 'lung: Weibull, sex'            0 '^sex  *0.40109'              lung --covariates sex,age,ph.ecog
    check 'rossi'                         0 '^fin  *-0.379422  *0.1914'   "$holdfast" survival "$data/survival/rossi.csv" \
        --time week --event arrest --covariates fin,age,race,wexp,mar,paro,prio
    rossi() { "$holdfast" survival "$data/survival/rossi.csv" --time week --event arrest "$@"; }
    check 'rossi: likelihood'             0 '"log_likelihood": -658.7476'  rossi --covariates fin,age,race,wexp,mar,paro,prio --json
    check 'rossi: concordance'            0 '"concordance": 0.64032'       rossi --covariates fin,age,race,wexp,mar,paro,prio --json
    check 'rossi: strata'                 0 '^fin  *-0.378767'              rossi --covariates fin,age,wexp,mar,paro,prio --strata race
    check 'rossi: strata, age'            0 '^age  *-0.0576'               rossi --covariates fin,age,wexp,mar,paro,prio --strata race
    check 'rossi: Weibull, likelihood'    0 '"log_likelihood": -679.91656'  rossi --covariates fin,age,race,wexp,mar,paro,prio --json
    waltons() { "$holdfast" survival "$data/survival/waltons.csv" --time T --event E "$@"; }
    waltons --json >out.json
    holds 'waltons: shape and rate'       'near(1 / json.weibull.scale, 3.45, .006) &&
        near(Math.exp(-json.weibull.coefficients[0].coef), .02, .005)'
    check 'waltons: likelihood'           0 '"log_likelihood": -672.06'    waltons --json
    check 'rossi: Weibull'                0 '^fin  *0.27216'           "$holdfast" survival "$data/survival/rossi.csv" \
        --time week --event arrest --covariates fin,age,race,wexp,mar,paro,prio
else
    echo "skipped: survival/lung.csv is not here"
fi
if [ -e "$data/telco_ibm" ]; then
    telco=$(ls "$data"/telco_ibm/*.csv | head -1)
    check 'a label in words'              0 'The curves differ'           "$holdfast" survival "$telco" --time tenure --event Churn \
        --event-yes Yes --group Contract --where 'tenure > 0' --at 12,24
    check 'a time of 0'                   2 'leave such rows out'         "$holdfast" survival "$telco" --time tenure --event Churn --event-yes Yes
fi
node -e '
    const futime = [59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769, 770, 803, 855, 1040, 1106, 1129, 1206, 1227, 268, 329,
        353, 365, 377], fustat = "11101011011000000000011110";
    const age = [72.3315, 74.4932, 66.4658, 53.3644, 50.3397, 56.4301, 56.937, 59.8548, 64.1753, 55.1781, 56.7562, 50.1096, 59.6301, 57.0521,
        39.2712, 43.1233, 38.8932, 44.6, 53.9068, 44.2055, 59.589, 74.5041, 43.137, 63.2192, 64.4247, 58.3096];
    const rx = "11121122121222111122211222", ecog = "11211222122121122111221211";
    console.log("futime,fustat,age,rx,ecog");
    futime.forEach((t, i) => console.log([t, fustat[i], age[i], rx[i], ecog[i]].join()));' >ovarian.csv
ovarian() { "$holdfast" survival ovarian.csv --time futime --event fustat "$@"; }
check 'ovarian: hazard by age'            0 '^age  *0.1616[0-9]*  *0.04974 *3.25'  ovarian --covariates age
check 'ovarian: of three'                 0 '^rx  *-0.814[56][0-9]*  *0.6342'      ovarian --covariates age,rx,ecog
check 'ovarian: the groups'               0 'chi squared 1.063 with 1 .* p 0.3\.$' ovarian --group rx
check 'ovarian: early events count more'  0 'chi squared [0-9.]* with 1'           ovarian --group rx --weights peto
check 'weights of another name'           2 'even, wilcoxon, tarone-ware or peto'  ovarian --group rx --weights gehan
check 'weights of no test'                0 'warning: --weights has no effect without --group' ovarian --weights peto
check 'ties of no regression'             0 'warning: --ties has no effect without --covariates' ovarian --group rx --ties breslow
ovarian --at 59,638 --json >out.json
holds 'nothing typed is without effect'   'json.warnings.length === 0'
holds 'ovarian: the curve'                'const [a, b] = json.curves[0].at; near(a.survival, .962, 6e-4) && near(a.low, .890, 6e-4) &&
    near(b.survival, .497, 6e-4) && near(b.se, .1051, 6e-5) && near(b.low, .328, 6e-4) && near(b.high, .752, 6e-4)'
printf 'days,gone,plan\n3,1,a\n5,0,b\n8,1,a\n13,1,b\n' >few.csv
check 'a small file has a curve'      0 '^all  *4  *3'              "$holdfast" survival few.csv --time days --event gone
check 'too few events'                4 'too few for 2 covariates'  "$holdfast" survival few.csv --time days --event gone --covariates plan,days
check 'nobody says so'                2 "says 'Yes'"                "$holdfast" survival few.csv --time days --event plan --event-yes Yes
check 'a column is misspelt'          2 "did you mean 'days'"       "$holdfast" survival few.csv --time day --event gone
check 'no time'                       2 'how long each was'         "$holdfast" survival few.csv --event gone
echo "survival: $passed passed, $failed failed"
[ $failed -eq 0 ]
