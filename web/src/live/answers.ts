/* answers.ts - what the server answers the pages, made from its OpenAPI document by tools/web_types.mjs: not to be edited. */

/* GET /v1/as-of */
export interface GetV1AsOf {
    as_of_ms: number;
    as_of: string | null;
    is_asked: boolean;
    is_still: boolean;
    history_end_ms: number | null;
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
    })[];
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
    cluster: string | null;
    stage: string | null;
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
    sentence: string;
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

/* GET /v1/segments/{id}/members */
export interface GetV1SegmentsIdMembers {
    members: {
        customer: string;
        since_ms: number;
    }[];
    next: number | null;
}

/* GET /v1/session */
export interface GetV1Session {
    name: string;
    role: string;
    rights: string[];
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
