/* answers.ts - what the server answers, made from its OpenAPI document by tools/web_types.mjs: not to be edited. */

/* POST /api/public/apps/batch */
export interface PostApiPublicAppsBatch {
    success: boolean;
}

/* POST /api/public/apps/group */
export interface PostApiPublicAppsGroup {
    success: boolean;
}

/* POST /api/public/apps/identify */
export interface PostApiPublicAppsIdentify {
    success: boolean;
}

/* POST /api/public/apps/page */
export interface PostApiPublicAppsPage {
    success: boolean;
}

/* POST /api/public/apps/screen */
export interface PostApiPublicAppsScreen {
    success: boolean;
}

/* POST /api/public/apps/track */
export interface PostApiPublicAppsTrack {
    success: boolean;
}

/* GET /array/{key}/config */
export interface GetArrayKeyConfig {
    token: string;
    supportedCompression: unknown[];
    analytics: Record<string, unknown>;
    hasFeatureFlags: boolean;
}

/* POST /batch */
export interface PostBatch {
    status: string;
}

/* POST /beacon/v1/batch */
export interface PostBeaconV1Batch {
    success: boolean;
}

/* POST /capture */
export interface PostCapture {
    status: string;
}

/* POST /decide */
export interface PostDecide {
    flags: Record<string, unknown>;
}

/* POST /e */
export interface PostE {
    status: string;
}

/* POST /flags */
export interface PostFlags {
    flags: Record<string, unknown>;
}

/* POST /i/v0/e */
export interface PostIV0E {
    status: string;
}

/* GET /openapi.json */
export interface GetOpenapiJson {
    openapi: string;
    paths: Record<string, unknown>;
}

/* GET /sourceConfig */
export interface GetSourceConfig {
    source: Record<string, unknown>;
}

/* POST /v1/a */
export interface PostV1A {
    success: boolean;
}

/* POST /v1/alias */
export interface PostV1Alias {
    success: boolean;
}

/* GET /v1/as-of */
export interface GetV1AsOf {
    as_of_ms: number;
    as_of: string | null;
    is_asked: boolean;
    is_still: boolean;
    history_end_ms: number | null;
}

/* PUT /v1/as-of */
export interface PutV1AsOf {
    as_of_ms: number;
    as_of: string | null;
    is_asked: boolean;
    is_still: boolean;
    history_end_ms: number | null;
}

/* POST /v1/b */
export interface PostV1B {
    success: boolean;
}

/* POST /v1/batch */
export interface PostV1Batch {
    success: boolean;
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

/* DELETE /v1/customers/{id} */
export interface DeleteV1CustomersId {
    success: boolean;
    identities: number;
    events: number;
    links: number;
    rows: number;
}

/* PUT /v1/customers/{id}/consent */
export interface PutV1CustomersIdConsent {
    success: boolean;
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

/* GET /v1/customers/{id}/export */
export interface GetV1CustomersIdExport {
    identities?: unknown[] | null;
    events?: unknown[] | null;
}

/* GET /v1/customers/{id}/links */
export interface GetV1CustomersIdLinks {
    links: {
        a: string;
        b: string;
        how: string;
        received_ms: number;
    }[];
}

/* POST /v1/customers/{id}/suppress */
export interface PostV1CustomersIdSuppress {
    success: boolean;
}

/* GET /v1/customers/{id}/timeline */
export interface GetV1CustomersIdTimeline {
    timeline: ({
        time_ms: number;
        received_ms: number;
        kind: string;
        amount_cents?: number | null;
        properties?: Record<string, unknown> | null;
    })[];
}

/* POST /v1/customers/{id}/unsuppress */
export interface PostV1CustomersIdUnsuppress {
    success: boolean;
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

/* POST /v1/decide */
export interface PostV1Decide {
    decision_id: string;
    customer: string;
    placement: string;
    at_ms: number;
    as_of_ms: number;
    action: string;
    propensity: number;
    policy: string;
    policy_version: string;
    rule?: string | null;
    window: string;
    sticky: boolean;
    reason: string;
    alternatives: ({
        action: string;
        is_eligible: boolean;
        propensity: number;
        incremental_profit_cents?: number | null;
        low_cents?: number | null;
        high_cents?: number | null;
    })[];
    scores: Record<string, unknown>;
    reasons: unknown[];
}

/* GET /v1/decisions/{id} */
export interface GetV1DecisionsId {
    decision_id: string;
    customer: string;
    placement: string;
    at_ms: number;
    as_of_ms: number;
    action: string;
    propensity: number;
    policy: string;
    policy_version: string;
    rule?: string | null;
    window: string;
    sticky: boolean;
    reason: string;
    alternatives: ({
        action: string;
        is_eligible: boolean;
        propensity: number;
        incremental_profit_cents?: number | null;
        low_cents?: number | null;
        high_cents?: number | null;
    })[];
    scores: Record<string, unknown>;
    reasons: unknown[];
}

/* POST /v1/experiments/{name}/exposures */
export interface PostV1ExperimentsNameExposures {
    experiment: string;
    unit: string;
    arm: string;
    bucket: number;
    reason: string;
}

/* POST /v1/g */
export interface PostV1G {
    success: boolean;
}

/* POST /v1/group */
export interface PostV1Group {
    success: boolean;
}

/* POST /v1/i */
export interface PostV1I {
    success: boolean;
}

/* POST /v1/identify */
export interface PostV1Identify {
    success: boolean;
}

/* POST /v1/identities/merge */
export interface PostV1IdentitiesMerge {
    success: boolean;
}

/* POST /v1/identities/unmerge */
export interface PostV1IdentitiesUnmerge {
    success: boolean;
}

/* POST /v1/import */
export interface PostV1Import {
    success: boolean;
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

/* GET /v1/journeys */
export interface GetV1Journeys {
    journeys?: ({
        journey: string;
        version: number;
        state: string;
        written_by: string;
        approved_by: string;
        versions: unknown[];
        stuck: unknown[];
        entered_ms?: number | null;
    })[];
}

/* PUT /v1/journeys/{name} */
export interface PutV1JourneysName {
    journey: string;
    version: number;
    is_new: boolean;
    inside: number;
    moved: number;
}

/* POST /v1/journeys/{name}/approve */
export interface PostV1JourneysNameApprove {
    journey: string;
    done: string;
}

/* POST /v1/journeys/{name}/enter */
export interface PostV1JourneysNameEnter {
    journey: string;
    customer: string;
    entered: boolean;
}

/* POST /v1/journeys/{name}/pause */
export interface PostV1JourneysNamePause {
    journey: string;
    done: string;
}

/* POST /v1/journeys/{name}/resume */
export interface PostV1JourneysNameResume {
    journey: string;
    done: string;
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

/* POST /v1/keys */
export interface PostV1Keys {
    id: number;
    secret: string;
}

/* DELETE /v1/keys/{id} */
export interface DeleteV1KeysId {
    success: boolean;
}

/* POST /v1/keys/{id}/rotate */
export interface PostV1KeysIdRotate {
    id: number;
    secret: string;
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

/* POST /v1/models/train */
export interface PostV1ModelsTrain {
    learning: Record<string, unknown>;
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

/* POST /v1/p */
export interface PostV1P {
    success: boolean;
}

/* POST /v1/page */
export interface PostV1Page {
    success: boolean;
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

/* POST /v1/people */
export interface PostV1People {
    id: number;
}

/* DELETE /v1/people/{id} */
export interface DeleteV1PeopleId {
    success: boolean;
}

/* GET /v1/privacy/requests */
export interface GetV1PrivacyRequests {
    requests: ({
        kind: string;
        state: string;
        source: string;
        requested_ms: number;
        due_ms: number;
        done_ms?: number | null;
    })[];
}

/* GET /v1/projects/{key}/settings */
export interface GetV1ProjectsKeySettings {
    integrations: Record<string, unknown>;
    plan: Record<string, unknown>;
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
    note?: string | null;
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

/* POST /v1/rejects/replay */
export interface PostV1RejectsReplay {
    taken: number;
    refused: number;
    unreadable: number;
}

/* POST /v1/s */
export interface PostV1S {
    success: boolean;
}

/* POST /v1/screen */
export interface PostV1Screen {
    success: boolean;
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

/* POST /v1/segments */
export interface PostV1Segments {
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

/* PUT /v1/segments/{id} */
export interface PutV1SegmentsId {
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

/* DELETE /v1/segments/{id} */
export interface DeleteV1SegmentsId {
    removed: number;
}

/* GET /v1/segments/{id}/members */
export interface GetV1SegmentsIdMembers {
    members: {
        customer: string;
        since_ms: number;
    }[];
    next: number | null;
}

/* POST /v1/session */
export interface PostV1Session {
    name: string;
    role: string;
    rights: string[];
}

/* GET /v1/session */
export interface GetV1Session {
    name: string;
    role: string;
    rights: string[];
}

/* DELETE /v1/session */
export interface DeleteV1Session {
    success: boolean;
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

/* POST /v1/t */
export interface PostV1T {
    success: boolean;
}

/* GET /v1/tasks */
export interface GetV1Tasks {
    tasks: unknown[];
}

/* POST /v1/tasks/{id}/done */
export interface PostV1TasksIdDone {
    id: number;
    done: string;
}

/* POST /v1/tasks/{id}/snooze */
export interface PostV1TasksIdSnooze {
    id: number;
    done: string;
}

/* POST /v1/tasks/{id}/take */
export interface PostV1TasksIdTake {
    id: number;
    done: string;
}

/* POST /v1/track */
export interface PostV1Track {
    success: boolean;
}

/* POST /v1/webhooks/shopify */
export interface PostV1WebhooksShopify {
    success: boolean;
}

/* POST /v1/webhooks/stripe */
export interface PostV1WebhooksStripe {
    success: boolean;
}

/* PUT /v1/webhooks/{source}/secret */
export interface PutV1WebhooksSourceSecret {
    success: boolean;
}
