/* scenario.tsx - what a plan brings when its inputs are not known, and which of them moves it most. */
import { formatCount, formatDecimal, formatShare } from "../page/format.ts";
import { Tornado } from "../part/tornado.tsx";
import { hasRows, type Maybe, type Outcome } from "../report.ts";
import { Lead, Within, type Section } from "./section.tsx";

const number = (value: Maybe<number>): string => formatDecimal(value, Math.abs(value ?? 0) < 10 ? 3 : 0);

export const scenario: Section = {
    id: "scenario",
    group: "understand",
    title: "What a plan may bring",
    draw(report) {
        const outputs = Object.entries(report.scenario?.outputs ?? {}).filter(([, outcome]) => outcome),
            tornado = report.scenario?.tornado ?? {};
        return outputs.length === 0 ? null : (
            <>
                <Lead
                    text={`Inputs that nobody knows were drawn ${formatCount(report.scenario?.draws)} times.`}
                />
                {outputs.map(([name, outcome]) => {
                    const rows = tornado[name];
                    return (
                        <Within key={name} title={name} lead={told(outcome)}>
                            {hasRows(rows) && (
                                <Tornado
                                    caption={`What moves ${name}: one input at its 10th and 90th percentile, the others at their medians`}
                                    rows={rows}
                                    middle={outcome.at_medians ?? 0}
                                    ends={["At its 10th percentile", "At its 90th percentile"]}
                                    between="Between"
                                    words={number}
                                />
                            )}
                        </Within>
                    );
                })}
            </>
        );
    },
};

const told = (outcome: Outcome): string =>
    `On average ${number(outcome.mean)}, in nine of ten draws between ${number(outcome.p5)} and ` +
    `${number(outcome.p95)}; below 0 in ${formatShare(outcome.chance_below_zero)}.`;
