/* answers.ts - what the server answers the pages, and what one needs to call it: made from its OpenAPI document by
 * tools/web_types.mjs, not to be edited. */

/* GET /v1/as-of */
export interface GetV1AsOf {
    as_of_ms: number;
    as_of: string | null;
    is_asked: boolean;
    is_still: boolean;
    history_end_ms: number | null;
}

/* GET /v1/audit */
export interface GetV1Audit {
    acts: {
        id: number;
        at_ms: number;
        who: string;
        what: string;
        customer: string;
    }[];
    chain?: {
        rows: number;
        is_whole: boolean;
        first_bad: number;
        why: string;
    } | null;
}

/* GET /v1/campaigns */
export interface GetV1Campaigns {
    alpha: number;
    campaigns: Record<string, unknown>[];
}

/* GET /v1/consents */
export interface GetV1Consents {
    purposes: {
        purpose: string;
        given: number;
        refused: number;
    }[];
    statements: {
        id: number;
        purpose: string;
        is_given: boolean;
        stated_ms: number;
        source: string;
        proof: string;
    }[];
}

/* GET /v1/customers */
export interface GetV1Customers {
    customers: ({
        customer: string;
        matched?: string | null;
        question?: string | null;
        prediction?: number | null;
        value_if_stays_cents?: number | null;
        expected_loss_cents?: number | null;
        value_12m_cents?: number | null;
        reasons?: string[] | null;
        scored_ms?: number | null;
        values?: Record<string, string | number | null | null> | null;
    })[];
    next: string | null;
    is_whole: boolean;
    as_of_ms: number;
}

/* GET /v1/customers/{id} */
export interface GetV1CustomersId {
    customer: string;
    as_of_ms: number;
    last_known_ms?: number | null;
    identities: {
        id: string;
        kind: string;
    }[];
    is_suppressed: boolean;
    traits: Record<string, string | number | boolean | null | null>;
    personal: Record<string, unknown>;
    consent: Record<string, unknown>;
    scores: Record<string, {
        value: number | null;
        scored_ms: number | null;
        kind?: string | null;
        base_rate?: number | null;
        model?: string | null;
        trained_ms?: number | null;
        reasons?: string[] | null;
    } | null>;
    rfm_group: string | null;
    rfm_rule: string | null;
    cluster: string | null;
    stage: string | null;
    stage_rule: string | null;
    missing?: string | null;
    reasons: string[];
    features?: ({
        name: string;
        value: number | null;
        unit: string;
        meaning: string;
        sentence: string | null;
    })[] | null;
    segments: {
        id: number;
        name: string;
        since_ms: number;
    }[];
    timeline?: ({
        time_ms: number;
        received_ms: number;
        kind: string;
        identity: string;
        item?: string | null;
        amount_cents?: number | null;
        quantity?: number | null;
        properties?: Record<string, unknown> | null;
    })[] | null;
    decisions: ({
        decision_id: string;
        at_ms: number;
        placement: string;
        action: string;
        propensity: number;
        policy: string;
        rule: string | null;
    })[];
}

/* POST /v1/customers/{id}/contact */
export interface PostV1CustomersIdContact {
    verdict: string;
    rule: string | null;
    why: string | null;
    until_ms: number | null;
    address: string;
    subject: string;
    text: string;
    id: string | null;
}

/* GET /v1/customers/{id}/explain */
export interface GetV1CustomersIdExplain {
    customer: string;
    as_of_ms: number;
    question: string;
    prediction: number;
    base_rate: number;
    base: number;
    model: string;
    reasons: string[];
    contributions: ({
        feature: string;
        meaning: string;
        value?: number | null;
        contribution: number;
    })[];
}

/* GET /v1/customers/{id}/next */
export interface GetV1CustomersIdNext {
    planned: {
        decision_id: string;
        at_ms: number;
        action: string;
        policy: string;
        reason?: string | null;
        weighed: ({
            action: string;
            propensity: number;
            incremental_profit_cents: number | null;
            low_cents: number | null;
            high_cents: number | null;
        })[];
    } | null;
    contact: {
        hour: number | null;
        n_seen: number;
        zone: string;
        channels: {
            channel: string;
            has_address: boolean;
            said: string;
            is_preferred: boolean;
        }[];
    };
    value: {
        cents: number;
        if_stays_cents: number | null;
        low_cents: number;
        high_cents: number;
        orders: number;
        low_orders: number;
        high_orders: number;
        share: number;
        valued_ms: number;
    } | null;
    segments: ({
        id: number;
        name: string;
        since_ms: number;
        is_any: boolean;
        parts: ({
            expression: string;
            holds: boolean | null;
        })[];
    })[];
}

/* GET /v1/customers/{id}/why */
export interface GetV1CustomersIdWhy {
    journey: string;
    version: number;
    customer: string;
    zone: string;
    entries: unknown[];
    not_entered: unknown[];
}

/* GET /v1/destinations */
export interface GetV1Destinations {
    destinations: ({
        name: string;
        kind: string;
        leads_to: string;
        is_stopped: boolean;
        rate: number;
        messages: Record<string, number | null>;
        sent_ms: number | null;
        is_signed?: boolean | null;
    })[];
}

/* GET /v1/experiments */
export interface GetV1Experiments {
    experiments: ({
        name: string;
        started_ms: number;
        stopped_ms: number | null;
        state: string;
        exposed: number;
        share?: number | null;
        ramp?: (Record<string, unknown> | null)[] | null;
    })[];
}

/* POST /v1/experiments */
export interface PostV1Experiments {
    started: string[];
}

/* GET /v1/experiments/{name} */
export interface GetV1ExperimentsName {
    experiment: string;
    control: string;
    alpha: number;
    started_ms: number;
    stopped_ms: number | null;
    ramp: Record<string, unknown>[];
    health: Record<string, unknown>;
    results: Record<string, unknown>[];
    mde: Record<string, unknown>;
    novelty: Record<string, unknown>[];
    over_time: Record<string, unknown>[];
    weekdays: Record<string, unknown>;
    guardrails: Record<string, unknown>[];
    caps?: Record<string, unknown> | null;
    verdict: Record<string, unknown>;
}

/* GET /v1/fields */
export interface GetV1Fields {
    fields: ({
        name: string;
        kind: string;
        type: string;
        unit: string;
        meaning: string;
        coverage: number | null;
        quantiles?: number[] | null;
        usual: {
            value: string;
            share: number;
        }[];
    })[];
    n_seen: number;
}

/* GET /v1/find */
export interface GetV1Find {
    found: {
        kind: string;
        id: string;
        name: string;
        words: string;
    }[];
}

/* GET /v1/forecast */
export interface GetV1Forecast {
    as_of_ms: number;
    weeks: number;
    refused: string | null;
    way: string | null;
    past: {
        until_ms: number;
        revenue_cents: number;
    }[];
    ahead: {
        until_ms: number;
        value_cents: number;
        low_cents: number;
        high_cents: number;
    }[];
    total: {
        value_cents: number;
        low_cents: number;
        high_cents: number;
    } | null;
    error_share: number | null;
    checks: {
        as_of_ms: number;
        value_cents: number;
        low_cents: number;
        high_cents: number;
        came_cents: number;
    }[];
    held: number;
}

/* GET /v1/identities/links */
export interface GetV1IdentitiesLinks {
    total_links: number;
    links: ({
        id: number;
        a: string;
        b: string;
        how: string;
        received_ms: number;
        removed_ms: number | null;
    })[];
    refused: {
        a: string;
        b: string;
        how: string;
        why: string;
        times: number;
        last_ms: number;
    }[];
}

/* GET /v1/imports */
export interface GetV1Imports {
    import?: Record<string, unknown> | null;
    quality?: Record<string, unknown> | null;
}

/* GET /v1/items/{id}/also */
export interface GetV1ItemsIdAlso {
    item: string;
    also: {
        item: string;
        customers: number;
        lift: number;
        low: number;
        high: number;
        forward: number;
        backward: number;
    }[];
    similar: {
        item: string;
        score: number;
        content: number;
        together: number;
    }[];
}

/* GET /v1/journeys */
export interface GetV1Journeys {
    journeys?: ({
        journey: string;
        version: number;
        state: string;
        written_by: string;
        approved_by: string;
        approved_daily: number;
        approved_budget: number;
        versions: unknown[];
        stuck: unknown[];
        entered_ms?: number | null;
    })[];
}

/* POST /v1/journeys/check */
export interface PostV1JourneysCheck {
    is_good: boolean;
    line: number;
    problem: string;
    graph?: {
        journey: string;
        trigger: string;
        filter: string;
        goal: string;
        topic: string | null;
        first: string | null;
        steps: ({
            id: string;
            kind: string;
            words: string;
            line: number;
            next: string | null;
            branches: ({
                words: string;
                to: string | null;
            })[];
            inside: number;
            held: number;
            held_by: Record<string, number | null>;
            late: number;
            since_ms: number | null;
            outcomes: Record<string, number | null>;
        })[];
    } | null;
}

/* POST /v1/journeys/preview */
export interface PostV1JourneysPreview {
    journey: string;
    customer: string;
    from_ms: number;
    to_ms: number;
    entries: ({
        entered_ms: number;
        end: string | null;
        steps: ({
            step: string;
            at_ms: number;
            local: string;
            outcome: string;
            rule: string | null;
            sentence: string;
        })[];
    })[];
    not_entered: ({
        at_ms: number;
        rule: string | null;
        facts: Record<string, string | number | boolean | null | null>;
    })[];
}

/* POST /v1/journeys/simulate */
export interface PostV1JourneysSimulate {
    journey: string;
    from_ms: number;
    days: number;
    people: number;
    entered: number;
    not_entered: number;
    inside: number;
    goal: number;
    busiest_day: number;
    sent: Record<string, number | null>;
    held: Record<string, number | null>;
    failed: number;
    daily: unknown[];
    steps: Record<string, Record<string, number | null> | null>;
    violation: string | null;
}

/* GET /v1/journeys/{name} */
export interface GetV1JourneysName {
    journey: string;
    trigger: string;
    filter: string;
    goal: string;
    topic: string | null;
    first: string | null;
    steps: ({
        id: string;
        kind: string;
        words: string;
        line: number;
        next: string | null;
        branches: ({
            words: string;
            to: string | null;
        })[];
        inside: number;
        held: number;
        held_by: Record<string, number | null>;
        late: number;
        since_ms: number | null;
        outcomes: Record<string, number | null>;
    })[];
    state: string;
    version: number;
    shown: number;
    versions: ({
        version: number;
        made_ms: number;
        written_by: string;
        approved_by: string;
        entered: number;
        inside: number;
        goal: number;
        lift: {
            control?: number | null;
            control_goal?: number | null;
            treated?: number | null;
            treated_goal?: number | null;
            refused?: string | null | null;
            difference?: {
                value?: number | null;
                low?: number | null;
                high?: number | null;
            } | null | null;
        } | null;
        yaml: string;
    })[];
}

/* GET /v1/keys */
export interface GetV1Keys {
    keys?: ({
        id: number;
        kind: string;
        name: string;
        role: string;
        hint: string;
        made_ms: number;
        expires_ms?: number | null;
    })[];
}

/* GET /v1/messages */
export interface GetV1Messages {
    messages: ({
        id: string;
        key: string;
        journey?: string | null;
        version: number;
        step: string;
        customer: string;
        channel: string;
        topic: string;
        status: string;
        attempts: number;
        queued_ms: number;
        due_ms?: number | null;
        sent_ms?: number | null;
        reply?: string | null;
        rule?: string | null;
    })[];
}

/* POST /v1/messages/render */
export interface PostV1MessagesRender {
    channel: string;
    subject: string | null;
    html: string | null;
    text: string | null;
    body: string | null;
    missing: (string | null)[];
    problem: string | null;
}

/* GET /v1/models */
export interface GetV1Models {
    models: ({
        question: string;
        asks?: string | null;
        trained_ms: number;
        is_live: boolean;
        chosen?: {
            name?: string | null;
            auc?: {
                value?: number | null;
                low?: number | null;
                high?: number | null;
            } | null;
        } | null;
    })[];
    learning: {
        state: string;
        since_ms: number;
        problem: string | null;
        judged: string | null;
        next: {
            at_ms: number | null;
            question: string | null;
            why: string;
        };
    };
}

/* GET /v1/models/{question} */
export interface GetV1ModelsQuestion {
    question: string;
    asks?: string | null;
    trained_ms: number;
    is_live: boolean;
    chosen?: Record<string, unknown> | null;
    spread?: number[] | null;
    headline?: string | null;
    at_risk?: Record<string, unknown> | null;
    as_of_ms: number;
    evidence: Record<string, unknown>;
}

/* GET /v1/models/{question}/card */
export interface GetV1ModelsQuestionCard {
    state: string;
    at_ms: number | null;
    problem: string | null;
    answer?: Record<string, unknown> | null;
}

/* GET /v1/models/{question}/challenge */
export interface GetV1ModelsQuestionChallenge {
    training?: {
        id?: number | null;
        state?: string | null;
        who?: string | null;
        asked_ms?: number | null;
        ended_ms?: number | null | null;
        asked?: Record<string, unknown> | null;
        problem?: string | null | null;
    } | null;
}

/* POST /v1/models/{question}/promote */
export interface PostV1ModelsQuestionPromote {
    name: string;
    version: number;
    instead_of: number;
    sentence: string;
}

/* GET /v1/models/{question}/versions */
export interface GetV1ModelsQuestionVersions {
    versions: ({
        name: string;
        version: number;
        in_force: boolean;
        learner: string;
        auc: number | null;
        trained_until: string | null;
        made: string | null;
        review: string | null;
        overdue: boolean;
        shadow: boolean;
        gate: string | null;
    })[];
}

/* GET /v1/notes */
export interface GetV1Notes {
    notes: {
        id: number;
        at_ms: number;
        who: string;
        words: string;
    }[];
}

/* GET /v1/overview */
export interface GetV1Overview {
    as_of_ms: number;
    from_ms: number;
    until_ms: number;
    before_from_ms: number;
    before_until_ms: number;
    days: number;
    currency: string;
    customers: number;
    step_ms: number;
    kpis: ({
        name: string;
        unit: string;
        meaning: string;
        value: number | null;
        low: number | null;
        high: number | null;
        before: number | null;
        before_low: number | null;
        before_high: number | null;
        change: number | null;
    })[];
    points: {
        at_ms: number;
        revenue_cents: number;
        before_cents: number;
    }[];
    came_from: {
        money: {
            name: string;
            meaning: string;
            value_cents: number;
            before_cents: number;
            change_cents: number;
        }[];
        change: {
            name: string;
            meaning: string;
            value_cents: null;
            before_cents: null;
            change_cents: number;
        }[];
    };
    risk?: {
        question: string;
        headline?: string | null;
        at_risk?: Record<string, unknown> | null;
    } | null;
    needs: {
        kind: string;
        name: string;
        text: string;
    }[];
}

/* GET /v1/people */
export interface GetV1People {
    people?: {
        id: number;
        name: string;
        role: string;
        made_ms: number;
    }[];
}

/* GET /v1/plans */
export interface GetV1Plans {
    plans: ({
        id: number;
        state: string;
        who: string;
        asked_ms: number;
        ended_ms: number | null;
        asked: Record<string, number | string | boolean | null | null>;
        problem: string | null;
        sentence: string | null;
        budget: number | null;
        spent: number | null;
        profit?: {
            value: number;
            low: number;
            high: number;
        } | null;
        pilot?: {
            arms: number;
            per_arm: number;
            weeks: number;
            cost: number | null;
            detects: number | null;
            why: string;
        } | null;
        proposed: boolean | null;
        committed: boolean | null;
        approval?: {
            needs: string;
            state: string;
            asked_by: string;
            approved_by: string | null;
            role: string | null;
        } | null;
        queued: number | null;
        chosen_n: number;
    })[];
}

/* POST /v1/plans */
export interface PostV1Plans {
    id: number;
}

/* GET /v1/plans/{id} */
export interface GetV1PlansId {
    id: number;
    state: string;
    who: string;
    asked_ms: number;
    ended_ms: number | null;
    asked: Record<string, number | string | boolean | null | null>;
    problem: string | null;
    sentence: string | null;
    budget: number | null;
    spent: number | null;
    profit?: {
        value: number;
        low: number;
        high: number;
    } | null;
    pilot?: {
        arms: number;
        per_arm: number;
        weeks: number;
        cost: number | null;
        detects: number | null;
        why: string;
    } | null;
    proposed: boolean | null;
    committed: boolean | null;
    approval?: {
        needs: string;
        state: string;
        asked_by: string;
        approved_by: string | null;
        role: string | null;
    } | null;
    queued: number | null;
    chosen_n: number;
    bound?: number | null;
    gap?: number | null;
    shadow_prices?: Record<string, number | null> | null;
    chosen?: ({
        customer: string;
        action: string;
        group: string;
        propensity: number;
        cost: number;
        profit: {
            value?: number | null;
            low?: number | null;
            high?: number | null;
        };
        why: string;
    })[] | null;
    by_action: {
        action: string;
        group: string;
        n: number;
        cost: number;
    }[];
    left_alone?: {
        n: number;
        reasons: Record<string, number | null>;
    } | null;
    curve?: ({
        budget: number;
        profit: number;
        low?: number | null;
        high?: number | null;
    })[] | null;
    taught_by?: number | null;
    disparity?: {
        difference: number;
        ratio: number;
        shares: Record<string, number | null>;
    } | null;
    price_of_fairness?: number | null | null;
    warnings?: string[] | null;
}

/* GET /v1/power */
export interface GetV1Power {
    per_arm: number;
    total: number;
    days: number | null;
    power: number;
    mde: number | null;
    bounds: number[];
}

/* GET /v1/privacy/requests */
export interface GetV1PrivacyRequests {
    requests: ({
        id: number;
        kind: string;
        customer: string | null;
        state: string;
        source: string;
        requested_ms: number;
        due_ms: number;
        done_ms?: number | null;
    })[];
}

/* GET /v1/privacy/retention */
export interface GetV1PrivacyRetention {
    next_ms: number | null;
    last_ms: number | null;
    put_off_ms: number | null;
    customers: {
        days: number | null;
        last: number;
        due: number;
    };
    messages: {
        days: number | null;
        last: number;
        due: number;
    };
    rejects: {
        days: number | null;
        last: number;
        due: number;
    };
}

/* GET /v1/program */
export interface GetV1Program {
    months: Record<string, unknown>[];
    so_far: Record<string, unknown>;
}

/* GET /v1/recommend */
export interface GetV1Recommend {
    recommendation_id: string;
    customer?: string | null;
    question: string;
    placement: string;
    at_ms: number;
    model: string;
    cold: boolean;
    items: ({
        item: string;
        rank: number;
        score: number;
        propensity: number;
        reason: string;
        title?: string | null;
        category?: string | null;
        price?: number | null;
        url?: string | null;
        image?: string | null;
    })[];
    unknown_items: unknown[];
    note?: string | null;
}

/* POST /v1/recommend */
export interface PostV1Recommend {
    recommendation_id: string;
    customer?: string | null;
    question: string;
    placement: string;
    at_ms: number;
    model: string;
    cold: boolean;
    items: ({
        item: string;
        rank: number;
        score: number;
        propensity: number;
        reason: string;
        title?: string | null;
        category?: string | null;
        price?: number | null;
        url?: string | null;
        image?: string | null;
    })[];
    unknown_items: unknown[];
    note?: string | null;
}

/* GET /v1/recommend/models */
export interface GetV1RecommendModels {
    question: string;
    test_at?: string | null;
    horizon_days?: number | null;
    customers: number;
    weights: Record<string, number | null>;
    models: ({
        name: string;
        ndcg_10: number[];
        precision_10: number[];
        recall_10: number[];
        hit_10: number[];
        map_10: number[];
        coverage: number;
        gini: number;
        novelty: number;
        chosen: boolean;
        refused?: string | null;
        note?: string | null;
    })[];
    cold?: {
        by: string;
        customers: number;
        ndcg_10: number;
        ndcg_10_of_all: number;
        gain: number[];
    } | null;
    sentence: string;
}

/* GET /v1/rejects */
export interface GetV1Rejects {
    total_messages: number;
    messages: ({
        id: number;
        received_ms: number;
        source: string;
        field: string;
        reason: string;
        is_cut: boolean;
        raw?: Record<string, unknown> | null;
    })[];
}

/* POST /v1/scenario */
export interface PostV1Scenario {
    draws: number;
    seed: number;
    outputs: Record<string, unknown>;
    tornado: Record<string, unknown>;
    npv: Record<string, unknown> | null;
    irr: Record<string, unknown> | null;
    payback_periods: Record<string, unknown> | number | null;
}

/* GET /v1/segments */
export interface GetV1Segments {
    segments: ({
        id: number;
        name: string;
        expression: string;
        description: string;
        created_ms: number;
        version: number;
        n_members: number;
        is_complete: boolean;
        problem: string | null;
    })[];
}

/* POST /v1/segments/preview */
export interface PostV1SegmentsPreview {
    n_members: number;
    n_customers: number;
    is_exact: boolean;
    n_seen: number;
    sample: string[];
    overlaps: {
        segment: number;
        name: string;
        n_members: number;
        n_both: number;
    }[];
    absent: string[];
    seconds: number;
}

/* GET /v1/segments/{id} */
export interface GetV1SegmentsId {
    id: number;
    name: string;
    expression: string;
    description: string;
    created_ms: number;
    version: number;
    n_members: number;
    is_complete: boolean;
    problem: string | null;
}

/* GET /v1/segments/{id}/history */
export interface GetV1SegmentsIdHistory {
    days: {
        at_ms: number;
        n_members: number;
        came: number;
        went: number;
    }[];
}

/* GET /v1/segments/{id}/members */
export interface GetV1SegmentsIdMembers {
    members: {
        customer: string;
        since_ms: number;
    }[];
    next: number | null;
}

/* GET /v1/segments/{id}/uses */
export interface GetV1SegmentsIdUses {
    uses: {
        kind: string;
        name: string;
        how: string;
    }[];
}

/* GET /v1/segments/{id}/versions */
export interface GetV1SegmentsIdVersions {
    versions: ({
        version: number;
        expression: string;
        until_ms: number | null;
        n_members: number;
    })[];
}

/* GET /v1/segments/{id}/worth */
export interface GetV1SegmentsIdWorth {
    n_members: number;
    n_valued: number;
    value_12m_cents: number;
    n_scored: number;
    churn: number | null;
    expected_loss_cents: number;
}

/* GET /v1/session */
export interface GetV1Session {
    name: string;
    role: string;
    rights: string[];
}

/* GET /v1/sources */
export interface GetV1Sources {
    now_ms: number;
    sources: ({
        source: string;
        events: number;
        last_ms: number;
        usual_gap_ms: number | null;
        per_hour: number | null;
        usual_lag_ms: number | null;
        is_stopped: boolean;
    })[];
    quiet_pages: {
        source: string;
        asked: number;
        since_ms: number;
        last_ms: number;
    }[];
}

/* GET /v1/status */
export interface GetV1Status {
    now_ms: number;
    as_of_ms: number;
    started_ms: number;
    events: number;
    identities: number;
    since_start: {
        events: number;
        accepted: number;
        repeated: number;
        refused: number;
        suppressed: number;
        waiting: number;
    };
    scores: {
        oldest_ms: number | null;
        made: number;
        lag_ms: number;
        window_ms: number;
        pass_share: number;
    };
}

/* GET /v1/stop */
export interface GetV1Stop {
    stops: {
        scope: string;
        since_ms: number;
        who: string;
    }[];
}

/* GET /v1/surveys */
export interface GetV1Surveys {
    from_ms: number;
    as_of_ms: number;
    n: number;
    nps?: {
        value?: number | null;
        low?: number | null;
        high?: number | null;
    } | null;
    scores: number[];
    months: {
        month: string;
        n: number;
        nps: {
            value: number;
            low: number;
            high: number;
        };
    }[];
    words: {
        at_ms: number;
        customer: string;
        score: number;
        text: string;
    }[] | null;
}

/* GET /v1/tasks */
export interface GetV1Tasks {
    tasks: {
        id: number;
        customer: string;
        journey: string;
        step: string;
        task: string;
        reasons: Record<string, unknown>;
        state: string;
        owner: string;
        created_ms: number;
        due_ms: number;
        done_ms: number;
        outcome: string;
        expected_loss_cents: number;
    }[];
}

/* GET /v1/uploads */
export interface GetV1Uploads {
    uploads: ({
        id: number;
        name: string;
        who: string;
        bytes: number;
        received: number;
        is_imported: boolean;
        look?: {
            state?: string | null;
            problem?: string | null | null;
            asked?: Record<string, unknown> | null;
            answer?: Record<string, unknown> | null;
            progress?: {
                step?: string | null;
                done?: number | null;
                total?: number | null | null;
                unit?: string | null;
                per_second?: number | null | null;
                left_ms?: number | null | null;
            } | null;
        } | null;
        import?: {
            state?: string | null;
            problem?: string | null | null;
            asked?: Record<string, unknown> | null;
            answer?: Record<string, unknown> | null;
            progress?: {
                step?: string | null;
                done?: number | null;
                total?: number | null | null;
                unit?: string | null;
                per_second?: number | null | null;
                left_ms?: number | null | null;
            } | null;
        } | null;
    })[];
    piece_most_bytes: number;
}

/* POST /v1/uploads */
export interface PostV1Uploads {
    id: number;
    name: string;
    who: string;
    bytes: number;
    received: number;
    is_imported: boolean;
    look?: {
        state?: string | null;
        problem?: string | null | null;
        asked?: Record<string, unknown> | null;
        answer?: Record<string, unknown> | null;
        progress?: {
            step?: string | null;
            done?: number | null;
            total?: number | null | null;
            unit?: string | null;
            per_second?: number | null | null;
            left_ms?: number | null | null;
        } | null;
    } | null;
    import?: {
        state?: string | null;
        problem?: string | null | null;
        asked?: Record<string, unknown> | null;
        answer?: Record<string, unknown> | null;
        progress?: {
            step?: string | null;
            done?: number | null;
            total?: number | null | null;
            unit?: string | null;
            per_second?: number | null | null;
            left_ms?: number | null | null;
        } | null;
    } | null;
}

/* GET /v1/uploads/{id} */
export interface GetV1UploadsId {
    id: number;
    name: string;
    who: string;
    bytes: number;
    received: number;
    is_imported: boolean;
    look?: {
        state?: string | null;
        problem?: string | null | null;
        asked?: Record<string, unknown> | null;
        answer?: Record<string, unknown> | null;
        progress?: {
            step?: string | null;
            done?: number | null;
            total?: number | null | null;
            unit?: string | null;
            per_second?: number | null | null;
            left_ms?: number | null | null;
        } | null;
    } | null;
    import?: {
        state?: string | null;
        problem?: string | null | null;
        asked?: Record<string, unknown> | null;
        answer?: Record<string, unknown> | null;
        progress?: {
            step?: string | null;
            done?: number | null;
            total?: number | null | null;
            unit?: string | null;
            per_second?: number | null | null;
            left_ms?: number | null | null;
        } | null;
    } | null;
}

/* GET /v1/views */
export interface GetV1Views {
    views: {
        id: number;
        owner: string;
        name: string;
        address: string;
        is_shared: boolean;
        is_mine: boolean;
        made_ms: number;
    }[];
}

/* GET /v1/ways */
export interface GetV1Ways {
    channels: {
        name: string;
        kind: string;
    }[];
    topics: (string | null)[];
}

/* The right that each route needs. */
export const RIGHTS = {
    "PUT /v1/as-of": "model",
    "GET /v1/audit": "admin",
    "GET /v1/consents": "privacy",
    "GET /v1/customers": "customer",
    "DELETE /v1/customers/{id}": "privacy",
    "POST /v1/customers/{id}/contact": "task",
    "GET /v1/customers/{id}/export": "privacy",
    "POST /v1/customers/{id}/suppress": "privacy",
    "GET /v1/destinations": "view",
    "GET /v1/events": "customer",
    "GET /v1/experiments": "view",
    "POST /v1/experiments": "journey",
    "GET /v1/experiments/{name}": "view",
    "POST /v1/experiments/{name}/ramp": "journey",
    "POST /v1/experiments/{name}/stop": "journey",
    "GET /v1/forecast": "view",
    "GET /v1/identities/links": "customer",
    "POST /v1/identities/merge": "identity",
    "POST /v1/identities/unmerge": "identity",
    "GET /v1/imports": "operate",
    "GET /v1/items/{id}/also": "decide",
    "GET /v1/journeys": "view",
    "POST /v1/journeys/preview": "customer",
    "POST /v1/journeys/simulate": "journey",
    "GET /v1/journeys/{name}": "view",
    "PUT /v1/journeys/{name}": "journey",
    "POST /v1/journeys/{name}/approve": "approve",
    "POST /v1/journeys/{name}/enter": "journey",
    "POST /v1/journeys/{name}/leave": "journey",
    "POST /v1/journeys/{name}/pause": "journey",
    "GET /v1/keys": "admin",
    "GET /v1/messages": "customer",
    "POST /v1/messages/render": "customer",
    "POST /v1/messages/test": "journey",
    "POST /v1/messages/{id}/retry": "operate",
    "GET /v1/models": "view",
    "POST /v1/models/train": "model",
    "POST /v1/models/{question}/challenge": "model",
    "POST /v1/models/{question}/promote": "model",
    "GET /v1/notes": "customer",
    "GET /v1/people": "admin",
    "GET /v1/plans": "view",
    "POST /v1/plans": "segment",
    "GET /v1/plans/{id}": "customer",
    "POST /v1/plans/{id}/commit": "approve",
    "GET /v1/privacy/requests": "privacy",
    "GET /v1/privacy/retention": "privacy",
    "GET /v1/program": "view",
    "GET /v1/recommend": "decide",
    "POST /v1/recommend": "decide",
    "GET /v1/recommend/models": "view",
    "GET /v1/rejects": "operate",
    "POST /v1/rejects/replay": "privacy",
    "GET /v1/segments": "view",
    "POST /v1/segments": "segment",
    "PUT /v1/segments/{id}": "segment",
    "DELETE /v1/segments/{id}": "segment",
    "GET /v1/segments/{id}/members": "customer",
    "GET /v1/status": "view",
    "POST /v1/stop": "approve",
    "DELETE /v1/stop": "approve",
    "GET /v1/surveys": "view",
    "GET /v1/tasks": "task",
    "POST /v1/tasks": "customer",
    "POST /v1/tasks/{id}/take": "task",
    "POST /v1/uploads": "operate",
    "GET /v1/views": "view",
    "GET /v1/ways": "customer",
} as const;
export type Route = keyof typeof RIGHTS;
