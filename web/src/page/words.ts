/* words.ts - what a "yes" to the report's question is called: leaving, an amount spent, or whatever was asked. */
import type { Report } from "../report.ts";

export interface Words {
    isChurn: boolean;
    isSpend: boolean;                       /* the answer is an amount: `churn` of each action, in units */
    probability: string;                    /* a column: "Risk of leaving" */
    rate: string;                           /* "leave" as in "43% leave" */
    raises: string;                         /* "raises the risk" */
    lowers: string;
}

export function wordsOf(report: Report): Words {
    const name = report.question?.name ?? "churn";
    if (report.models?.some((model) => typeof model.rmse?.value === "number"))
        return { isChurn: false, isSpend: true, probability: "Predicted spend", rate: "spend more",
            raises: "raises the spend", lowers: "lowers the spend" };
    if (/churn|leav|cancel|attrit/i.test(name) || report.summary?.expected_churners)
        return { isChurn: true, isSpend: false, probability: "Risk of leaving", rate: "leave",
            raises: "raises the risk", lowers: "lowers the risk" };
    return { isChurn: false, isSpend: false, probability: "Probability of yes", rate: "say yes",
        raises: "raises the probability", lowers: "lowers the probability" };
}
