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
        const words = wordsOf(report), needed = data.per_group ? 2 * data.per_group : null;
        const enough = needed !== null && data.available !== null && data.available !== undefined
            && data.available >= needed;
        return body(data.sentence,
            h("p", { class: "callout" }, /risk is not response/i.test(data.sentence ?? "") ? null
                : h("strong", null, "Risk is not response. "),
                "This report says who is likely to ", words.rate, ", not whom a message would change. ",
                "Some at high risk leave whatever you do; some at low risk would have stayed anyway. ",
                "Only a trial with a control group, drawn by chance, tells them apart."),
            figures([
                data.per_group ? { label: "In each of two groups", number: formatCount(data.per_group),
                    meaning: "one is treated, one is left alone" } : null,
                data.baseline ? { label: `Expected to ${words.rate} untreated`,
                                  number: formatShare(data.baseline),
                    meaning: "in the control group" } : null,
                data.detectable ? { label: "Smallest effect seen",
                    number: `${(data.detectable * 100).toFixed(1).replace(/\.0$/, "")} points`,
                    meaning: `with a chance of ${formatShare(data.power)} to see it, and of ` +
                        `${formatShare(data.alpha, 0)} to be fooled` } : null,
                data.available !== null && data.available !== undefined ? { label: "Available",
                    number: formatCount(data.available),
                    meaning: needed === null ? "customers at risk"
                        : enough ? `at risk; ${formatCount(needed)} are needed`
                        : `at risk; too few for ${plural(needed, "customer")}: take more at lower risk, or ` +
                            `wait longer` } : null,
            ]),
            note("Draw the groups before anyone is written to, and count everybody in the group they were " +
                "drawn into."));
    },
};
