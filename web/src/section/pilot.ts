/* pilot.ts - the randomised trial that would tell whether acting helps: risk is not response. */
import { h } from "../page/dom.ts";
import { formatCount, formatShare, plural } from "../page/format.ts";
import { body, figures, note, type Section } from "../page/section.ts";
import { wordsOf } from "../page/words.ts";

export const pilot: Section = {
    id: "pilot", group: "act", title: "Find out whether acting helps",
    draw(report) {
        const data = report.pilot;
        if (!data) return null;
        const words = wordsOf(report);
        return body(data.sentence,
            h("p", { class: "callout" }, h("strong", null, "Risk is not response. "),
                "This report says who is likely to ", words.verb, ", not whom a message would change. ",
                "Only a trial with a control group, drawn by chance, tells them apart."),
            figures([
                data.per_group ? { label: "In each of two groups", number: formatCount(data.per_group),
                    meaning: `one is treated, one is left alone; of ${plural(data.available, "customer")} asked` } : null,
                data.baseline ? { label: `Expected to ${words.verb} untreated`,
                                  number: formatShare(data.baseline),
                    meaning: "in the control group" } : null,
                data.detectable ? { label: data.is_enough ? "Smallest effect that pays" : "Smallest effect seen",
                    number: `${(data.detectable * 100).toFixed(1).replace(/\.0$/, "")} points`,
                    meaning: `with a chance of ${formatShare(data.power)} to see it, and of ` +
                        `${formatShare(data.alpha, 0)} to be fooled` } : null,
            ]),
            note("Draw the groups before anyone is written to, and count everybody in the group they were " +
                "drawn into."));
    },
};
