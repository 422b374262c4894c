/* words.ts - what a "yes" to the report's question is called: leaving, or whatever was asked. */
import type { Report } from "../report.ts";

export interface Words {
    isChurn: boolean;
    probability: string;                    /* a column: "Risk of leaving" */
    rate: string;                           /* "leave" as in "43% leave" */
    raises: string;                         /* "raises the risk" */
    lowers: string;
}

export function wordsOf(report: Report): Words {
    const name = report.question?.name ?? "churn";
    if (/churn|leav|cancel|attrit/i.test(name))
        return { isChurn: true, probability: "Risk of leaving", rate: "leave",
            raises: "raises the risk", lowers: "lowers the risk" };
    return { isChurn: false, probability: "Probability of yes", rate: "say yes",
        raises: "raises the probability", lowers: "lowers the probability" };
}
