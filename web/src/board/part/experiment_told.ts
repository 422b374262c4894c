/* experiment_told.ts - what an analysis holds that the OpenAPI document leaves to holdfast experiment analyse --json. */
export interface Range {
    value: number | null;
    low: number | null;
    high: number | null;
}
export interface Effect {
    metric: string;
    kind: string;
    arm: string;
    n: number;
    n_control: number;
    mean: number | null;
    control_mean: number | null;
    absolute: Range | null;
    relative: Range | null;
    always_valid: { low: number | null; high: number | null; p_adjusted: number | null } | null;
    bayes: { chance_to_win: number | null } | null;
    segments?: {
        column: string;
        value: string;
        n: number;
        n_control: number;
        absolute: Range | null;
        p_adjusted: number | null;
    }[];
}
export interface Look {
    day: string;
    arm: string;
    n: number;
    absolute: Range | null;
    always_valid: { low: number | null; high: number | null } | null;
}
interface Guard {
    metric: string;
    arm: string;
    value: number | null;
    low: number | null;
    high: number | null;
    stop_above: number;
    stops: boolean;
}
export interface Told {
    control: string;
    health: {
        srm?: { observed: Record<string, number>; expected: Record<string, number>; p: number; verdict: string };
        mixed_units?: number;
        warnings?: string[];
        immature?: Record<string, number>;
    };
    results: Effect[];
    mde?: Record<string, number | null>;
    over_time?: Look[];
    guardrails?: Guard[];
    verdict: { word: string; sentence: string; would_change?: string | null };
}
