/* pilot.tsx - the randomised trial that would tell whether acting helps: risk is not response. */
import { formatCount, formatShare, plural } from "../page/format.ts";
import { wordsOf } from "../page/words.ts";
import { Figures } from "../part/block.tsx";
import { Lead, Note, type Section } from "./section.tsx";

const points = (share: number): string => `${(share * 100).toFixed(1).replace(/\.0$/, "")} points`;

export const pilot: Section = {
    id: "pilot",
    group: "act",
    title: "Find out whether acting helps",
    draw(report) {
        const data = report.pilot,
            words = wordsOf(report);
        return data ? (
            <>
                <Lead text={data.sentence} />
                <p class="callout">
                    <strong>Risk is not response. </strong>
                    This report says who is likely to {words.verb}, not whom a message would change. Only a trial
                    with a control group, drawn by chance, tells them apart.
                </p>
                <Figures
                    items={[
                        data.per_group
                            ? {
                                  label: "In each of two groups",
                                  number: formatCount(data.per_group),
                                  meaning: `one is treated, one is left alone; of ${plural(data.available, "customer")} asked`,
                              }
                            : null,
                        data.baseline
                            ? {
                                  label: `Expected to ${words.verb} untreated`,
                                  number: formatShare(data.baseline),
                                  meaning: "in the control group",
                              }
                            : null,
                        data.detectable
                            ? {
                                  label: data.is_enough ? "Smallest effect that pays" : "Smallest effect seen",
                                  number: points(data.detectable),
                                  meaning: `with a chance of ${formatShare(data.power)} to see it, and of ${formatShare(data.alpha, 0)} to be fooled`,
                              }
                            : null,
                    ]}
                />
                <Note>
                    Draw the groups before anyone is written to, and count everybody in the group they were drawn
                    into.
                </Note>
            </>
        ) : null;
    },
};
