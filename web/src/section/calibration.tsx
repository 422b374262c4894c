/* calibration.tsx - whether what is predicted comes: 30 % three times in ten, an amount on average. */
import { wordsOf } from "../page/words.ts";
import { CalibrationDots, saidWords } from "../part/model_curves.tsx";
import { hasRows } from "../report.ts";
import { Lead, type Section } from "./section.tsx";

export const calibration: Section = {
    id: "calibration",
    group: "trust",
    title: "Can the predictions be believed?",
    draw(report) {
        const isSpend = wordsOf(report).isSpend;
        return hasRows(report.calibration?.bins) ? (
            <>
                <Lead text={report.calibration.sentence} />
                <CalibrationDots
                    title={
                        isSpend
                            ? "Mean spend that came, by predicted spend"
                            : "Share that came true, by predicted probability"
                    }
                    bins={report.calibration.bins}
                    words={saidWords(isSpend, report.currency)}
                />
            </>
        ) : null;
    },
};
