#!/bin/sh
# survival_test.sh - holdfast survival on R's files against R's figures, and on what it must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/survival.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

if [ -e "$data/survival/lung.csv" ]; then
    lung() { "$holdfast" survival "$data/survival/lung.csv" --time time --event status "$@"; }
    check 'lung: hazard by age'           0 '^age  *0.0170453  *0.009223' lung --covariates age,sex
    check 'lung: hazard by sex'           0 '^sex  *-0.513219  *0.1675'   lung --covariates age,sex
    check 'lung: concordance'             0 '"concordance": 0.60'         lung --covariates age,sex --json
    check 'lung: medians'                 0 '^0.0  *63  *37  *394  *348 - *574  *428.6' lung --group ph.ecog --until 730
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
printf 'days,gone,plan\n3,1,a\n5,0,b\n8,1,a\n13,1,b\n' >few.csv
check 'a small file has a curve'      0 '^all  *4  *3'              "$holdfast" survival few.csv --time days --event gone
check 'too few events'                4 'too few for 2 covariates'  "$holdfast" survival few.csv --time days --event gone --covariates plan,days
check 'nobody says so'                2 "says 'Yes'"                "$holdfast" survival few.csv --time days --event plan --event-yes Yes
check 'a column is misspelt'          2 "did you mean 'days'"       "$holdfast" survival few.csv --time day --event gone
check 'no time'                       2 'how long each was'         "$holdfast" survival few.csv --event gone
echo "survival: $passed passed, $failed failed"
[ $failed -eq 0 ]
