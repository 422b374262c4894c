/* report.ts - the report as the program writes it (schema 1).
 *
 * Money is in cents of `currency`, shares and probabilities are 0..1, dates are YYYY-MM-DD or ISO with Z.
 * Anything that does not apply or is not known is null or absent: a table of customers has no timeline, no
 * cohorts, no value. All text may come from a customer's file and is shown as text, never as markup. */

export type Maybe<T> = T | null | undefined;

/* A number with its 95 % interval. */
export interface Estimate { value?: Maybe<number>; low?: Maybe<number>; high?: Maybe<number> }

export interface Summary {
    headline?: Maybe<string>;
    sentences?: Maybe<string[]>;
    customers?: Maybe<number>;
    asked?: Maybe<number>;
    expected_yes?: Maybe<number>;
    at_risk?: Maybe<AtRisk>;
    base_rate?: Maybe<number>;
}

/* What those who leave would have spent; the backtest is the same at earlier days, with what then happened. */
interface AtRisk {
    customers?: Maybe<number>; expected_leavers?: Maybe<Estimate>; revenue_cents?: Maybe<number>;
    low_cents?: Maybe<number>; high_cents?: Maybe<number>; backtest?: Maybe<Backtest[]>;
}
export interface Backtest {
    as_of: string; asked?: Maybe<number>; expected_leavers?: Maybe<Estimate>; actual_leavers?: Maybe<number>;
    revenue_cents?: Maybe<number>; low_cents?: Maybe<number>; high_cents?: Maybe<number>;
    actual_cents?: Maybe<number>;
}

/* What a yes to the question is called. */
export interface Words { is_churn: boolean; is_spend: boolean; verb: string; past: string; chance: string }

export interface Assumption {
    name: string; label?: Maybe<string>; value: Maybe<number | string>;
    unit?: Maybe<string>; flag?: Maybe<string>; note?: Maybe<string>;
}

export interface ImportResult {
    rows?: Maybe<number>; accepted?: Maybe<number>; rejected?: Maybe<number>; repeated?: Maybe<number>;
    no_customer?: Maybe<number>; customers?: Maybe<number>; events?: Maybe<number>;
    from?: Maybe<string>; to?: Maybe<string>; seconds?: Maybe<number>;
    mapping?: Maybe<MappedColumn[]>;
}
export interface MappedColumn {
    column: string; role?: Maybe<string>; format?: Maybe<string>; why?: Maybe<string>; flag?: Maybe<string>;
}

export type Severity = "ok" | "note" | "warning" | "problem";
export interface Finding {
    severity: Severity; title: string; detail?: Maybe<string>; count?: Maybe<number>; share?: Maybe<number>;
}
export interface Column {
    name: string; role?: Maybe<string>; kind?: Maybe<string>; missing_share?: Maybe<number>;
    distinct?: Maybe<number>; example?: Maybe<string | number>;
}
export interface Quality { findings?: Maybe<Finding[]>; columns?: Maybe<Column[]> }

export interface Question {
    name?: Maybe<string>; sentence?: Maybe<string>; why?: Maybe<string>; goal?: Maybe<string>;
    horizon_days?: Maybe<number>; cutoffs?: Maybe<string[]>; test_at?: Maybe<string>;
    positives?: Maybe<number>; rows?: Maybe<number>; base_rate?: Maybe<number>; validation?: Maybe<string>;
        asks?: Maybe<string>; active_days?: Maybe<number>; chosen_because?: Maybe<string>;
}

export interface Model {
    name: string; settings?: Maybe<string>; over_rule?: Maybe<Estimate>; deviance?: Maybe<Estimate>;
    auc?: Maybe<Estimate>; pr_auc?: Maybe<Estimate>; log_loss?: Maybe<Estimate>; brier?: Maybe<Estimate>;
    ece?: Maybe<Estimate>; precision?: Maybe<Estimate>; recall?: Maybe<Estimate>; f1?: Maybe<Estimate>;
    rmse?: Maybe<Estimate>; mae?: Maybe<Estimate>; r2?: Maybe<Estimate>; spearman?: Maybe<Estimate>;
    threshold?: Maybe<number>; seconds?: Maybe<number>; chosen?: Maybe<boolean>; refused?: Maybe<string>;
}

export interface CalibrationBin {
    predicted: number; observed: number; low?: Maybe<number>; high?: Maybe<number>; n?: Maybe<number>;
}
export interface Decile {
    decile: number; n?: Maybe<number>; predicted?: Maybe<number>; observed?: Maybe<number>;
    lift?: Maybe<number>; low?: Maybe<number>; high?: Maybe<number>; captured?: Maybe<number>;
}
/* The middle effect at a value, and the quartiles over the customers who have it. */
export interface EffectPoint { value: Maybe<number>; effect: number; low?: Maybe<number>; high?: Maybe<number>;
    n?: Maybe<number> }
export interface Driver {
    feature: string; meaning?: Maybe<string>; importance: number; direction?: Maybe<string>;
    curve?: Maybe<EffectPoint[]>;
}

export interface Month {
    month: string; orders?: Maybe<number>; customers?: Maybe<number>; new_customers?: Maybe<number>;
    revenue_cents?: Maybe<number>; partial?: Maybe<boolean>;
}
export interface Cohort { cohort: string; customers?: Maybe<number>; retained?: Maybe<Maybe<number>[]> }
export interface RetentionPoint { day: number; share: number; low?: Maybe<number>; high?: Maybe<number> }

interface Bgnbd {
    r?: Maybe<number>; alpha?: Maybe<number>; a?: Maybe<number>; b?: Maybe<number>;
    log_likelihood?: Maybe<number>; se?: Maybe<Record<string, Maybe<number>>>;
}
interface GammaGamma {
    p?: Maybe<number>; q?: Maybe<number>; gamma?: Maybe<number>; log_likelihood?: Maybe<number>;
    se?: Maybe<Record<string, Maybe<number>>>;
}
export interface Value {
    sentence?: Maybe<string>; refused?: Maybe<string>; spend_missing?: Maybe<string>; unit?: Maybe<string>;
    model?: Maybe<string>; model_note?: Maybe<string>; bgnbd?: Maybe<Bgnbd>; gamma_gamma?: Maybe<GammaGamma>;
    calibration_end?: Maybe<string>;
    tracking?: Maybe<{ period: number; actual?: Maybe<number>; expected?: Maybe<number> }[]>;
    by_frequency?: Maybe<{
        frequency: number; customers?: Maybe<number>; actual?: Maybe<number>; expected?: Maybe<number>;
    }[]>;
    holdout_note?: Maybe<string>; total_orders?: Maybe<number>; total_cents?: Maybe<number>;
        horizon_days?: Maybe<number>;
    p_alive_histogram?: Maybe<{ from: number; to: number; customers: number }[]>;
}

export interface RfmGroup {
    name: string; description?: Maybe<string>; customers?: Maybe<number>; share?: Maybe<number>;
    revenue_cents?: Maybe<number>; recency_days?: Maybe<number>; frequency?: Maybe<number>;
    monetary_cents?: Maybe<number>; churn?: Maybe<number>;
}
export interface Cluster {
    name: string; description?: Maybe<string>; customers?: Maybe<number>; share?: Maybe<number>;
    churn?: Maybe<number>; value_cents?: Maybe<number>;
}
export interface Stage {
    name: string; description?: Maybe<string>; customers?: Maybe<number>; share?: Maybe<number>;
    revenue_cents?: Maybe<number>;
}
export interface Groups {
    sentence?: Maybe<string>; rfm?: Maybe<RfmGroup[]>;
    clusters?: Maybe<{
        k?: Maybe<number>; silhouette?: Maybe<number>; stability?: Maybe<number>; rows?: Maybe<Cluster[]>;
        refused?: Maybe<string>;
    }>;
    stages?: Maybe<Stage[]>;
}

export interface RiskValue {
    sentence?: Maybe<string>; risk_bands?: Maybe<string[]>; value_bands?: Maybe<string[]>;
    cells?: Maybe<{
        risk: number; value: number; customers?: Maybe<number>; expected_loss_cents?: Maybe<number>;
    }[]>;
}
export interface Action {
    customer: string; churn?: Maybe<number>; value_if_stays_cents?: Maybe<number>;
    expected_loss_cents?: Maybe<number>; rfm_group?: Maybe<string>; stage?: Maybe<string>;
    last_order?: Maybe<string>; reasons?: Maybe<string[]>;
}
interface Pilot {
    sentence?: Maybe<string>; per_group?: Maybe<number>; baseline?: Maybe<number>; detectable?: Maybe<number>;
    power?: Maybe<number>; alpha?: Maybe<number>; available?: Maybe<number>; pays_from?: Maybe<number>;
    saved_cents?: Maybe<number>; is_enough?: Maybe<boolean>;
}

/* A section whose rows come with the sentence that says what they show. */
export interface Told<T> { sentence?: Maybe<string>; rows?: Maybe<T[]> }

export interface Interval { value?: Maybe<number>; low?: Maybe<number>; high?: Maybe<number> }
export interface KpiMonth {
    month: string; partial?: boolean; customers?: number; new?: number; retention?: Maybe<Interval>; reactivated?: number;
    revenue_cents?: number; nrr?: Maybe<number>; grr?: Maybe<number>;
}
export interface Goal {
    name: string; value?: Maybe<Interval>; target: number; side: string; by: string; chance?: Maybe<number>;
}
export interface ExperimentResult {
    metric: string; kind?: Maybe<string>; arm: string; n?: number; absolute?: Maybe<Interval>; always_valid?: Maybe<Interval>;
}
export interface Experiment {
    experiment: string; control?: string; refusal?: Maybe<string>; results?: Maybe<ExperimentResult[]>;
    health?: Maybe<{ warnings?: Maybe<string[]> }>;
    verdict?: Maybe<{ word: string; sentence: string; would_change?: Maybe<string> }>;
    over_time?: Maybe<ExperimentLook[]>;
}
/* The effect on the first metric as it was known at the end of a day. */
export interface ExperimentLook {
    day: string; arm: string; n?: number; absolute?: Maybe<Interval>; always_valid?: Maybe<Interval>;
}
export interface Campaign {
    campaign: string; arm: string; n?: number; incremental_profit?: Maybe<Interval>; cost?: number; roi?: Maybe<Interval>;
}
export interface ProgramMonth {
    month: string; incremental_profit_cents?: Maybe<Interval>; so_far_cents?: Maybe<Interval>; forgone_cents?: Maybe<number>;
}
/* An output with one input at its 10th and 90th percentile, the others at their medians. */
export interface Swing { input: string; low: number; high: number }
export interface Outcome {
    mean?: Maybe<number>; p5?: Maybe<number>; p50?: Maybe<number>; p95?: Maybe<number>; at_medians?: Maybe<number>;
    chance_below_zero?: Maybe<number>;
}
export interface Scenario { draws?: number; outputs?: Maybe<Record<string, Outcome>>; tornado?: Maybe<Record<string, Swing[]>> }
export interface Program { months?: Maybe<ProgramMonth[]>; so_far?: Maybe<{ sentence?: string }> }

/* "holdfast plan --json" without the list of whom it chose; only the sentence where there is none yet. */
export interface PlanPoint { budget: number; profit: number; low?: Maybe<number>; high?: Maybe<number> }
export interface Plan { sentence?: Maybe<string>; spent?: Maybe<number>; curve?: Maybe<PlanPoint[]> }
export interface RehearsedPeriod { period: number; true_cents: number; attainable_cents: number }
interface Rehearsal { share_last_3?: Maybe<number>; periods?: Maybe<RehearsedPeriod[]> }

export interface Report {
    plan?: Maybe<Plan>;
    rehearsal?: Maybe<Rehearsal>;
    kpi?: Maybe<{ rows?: Maybe<KpiMonth[]>; goals?: Maybe<Goal[]>; repeat_rate?: Maybe<Interval> }>;
    experiments?: Maybe<Experiment[]>;
    campaigns?: Maybe<Campaign[]>;
    program?: Maybe<Program>;
    scenario?: Maybe<Scenario>;
    schema?: number; as_of?: Maybe<string>; title?: Maybe<string>; shape?: Maybe<string>; currency?: Maybe<string>;
    words?: Maybe<Words>;
    summary?: Maybe<Summary>;
    assumptions?: Maybe<Assumption[]>;
    import?: Maybe<ImportResult>;
    quality?: Maybe<Quality>;
    question?: Maybe<Question>;
    models?: Maybe<Model[]>;
    calibration?: Maybe<{ sentence?: Maybe<string>; bins?: Maybe<CalibrationBin[]> }>;
    deciles?: Maybe<Told<Decile>>;
    roc?: Maybe<[number, number][]>;
    drivers?: Maybe<Told<Driver>>;
    timeline?: Maybe<Told<Month>>;
    cohorts?: Maybe<Told<Cohort>>;
    retention?: Maybe<Told<RetentionPoint> & { lapse_days?: Maybe<number> }>;
    value?: Maybe<Value>;
    groups?: Maybe<Groups>;
    risk_value?: Maybe<RiskValue>;
    actions?: Maybe<Told<Action> & { total?: Maybe<number> }>;
    pilot?: Maybe<Pilot>;
    seconds?: Maybe<Record<string, Maybe<number>>>;
}

/* True when a list is there and not empty. */
export function hasRows<T>(rows: Maybe<T[]>): rows is T[] {
    return Array.isArray(rows) && rows.length > 0;
}

/* True when money is known: where it is not, the program writes zeros. */
export function hasMoney<T>(rows: T[], field: keyof T): boolean {
    return rows.some((row) => typeof row[field] === "number" && row[field] !== 0);
}

/* True when at least one row has this field, so that a column for it is worth its width. */
export function anyHas<T>(rows: T[], field: keyof T): boolean {
    return rows.some((row) => row[field] !== null && row[field] !== undefined && row[field] !== "");
}
