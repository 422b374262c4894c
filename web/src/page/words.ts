/* words.ts - what a "yes" to the report's question is called: as the program says. */
import { sentenceCase } from "./format.ts";
import type { Report } from "../report.ts";

export interface Words {
    isChurn: boolean;
    isSpend: boolean;                       /* the answer is an amount: `churn` of each action, in units */
    probability: string;                    /* a column: "Chance of no order" */
    verb: string;                           /* "leave" as in "expected to leave" */
    past: string;                           /* "left" as in "43% left" */
    raises: string;                         /* "raises the chance" */
    lowers: string;
}

export function wordsOf(report: Report): Words {
    const told = report.words, amount = told?.is_spend ? "expected spend" : "chance";
    return { isChurn: told?.is_churn ?? false, isSpend: told?.is_spend ?? false,
        probability: sentenceCase(told?.chance ?? "chance of yes"), verb: told?.verb ?? "say yes",
        past: told?.past ?? "said yes", raises: `raises the ${amount}`, lowers: `lowers the ${amount}` };
}
