/* views.ts - the pages there are: their names in addresses, what they need, whose home they are, and where their code is. */
import type { ComponentType } from "preact";
import type { Route } from "./answers.ts";

export interface ViewProps {
    argument: string;
    asked: URLSearchParams;
}
export interface View {
    name: string; /* the first word of the address */
    title: string;
    needs: Route; /* shown to who may call it */
    home?: string[]; /* of these roles */
    under?: string; /* not in the list: its entry there */
    words: string; /* what it is for, in the palette */
    key?: string; /* g and this key go there */
    load: () => Promise<{ default: ComponentType<ViewProps> }>;
}

export const VIEWS: View[] = [
    {
        name: "overview",
        title: "Overview",
        needs: "GET /v1/status",
        home: ["viewer"],
        key: "o",
        words: "How the business stands, and what needs somebody",
        load: () => import("./page/overview.tsx"),
    },
    {
        name: "customers",
        title: "Customers",
        needs: "GET /v1/customers",
        key: "c",
        words: "Find, order, choose and act on many",
        load: () => import("./page/customers.tsx"),
    },
    {
        name: "customer",
        title: "Customer",
        needs: "GET /v1/customers",
        under: "customers",
        words: "One customer",
        load: () => import("./page/customer.tsx"),
    },
    {
        name: "queue",
        title: "Queue",
        needs: "GET /v1/tasks",
        home: ["success"],
        key: "q",
        words: "Tasks, one after the other",
        load: () => import("./page/queue.tsx"),
    },
    {
        name: "segments",
        title: "Segments",
        needs: "GET /v1/segments",
        key: "s",
        words: "Groups that customers enter and leave by themselves",
        load: () => import("./page/segments.tsx"),
    },
    {
        name: "segment",
        title: "Segment",
        needs: "GET /v1/segments/{id}/members",
        under: "segments",
        words: "One segment",
        load: () => import("./page/segment.tsx"),
    },
    {
        name: "journeys",
        title: "Journeys",
        needs: "GET /v1/journeys",
        home: ["marketer"],
        key: "j",
        words: "What happens to whom by itself",
        load: () => import("./page/journeys.tsx"),
    },
    {
        name: "journey",
        title: "Journey",
        needs: "GET /v1/journeys/{name}",
        under: "journeys",
        words: "One journey",
        load: () => import("./page/journey.tsx"),
    },
    {
        name: "messages",
        title: "Messages",
        needs: "GET /v1/messages",
        key: "e",
        words: "What was sent, waits, or was not sent and why",
        load: () => import("./page/messages.tsx"),
    },
    {
        name: "experiments",
        title: "Experiments",
        needs: "GET /v1/experiments",
        key: "x",
        words: "What was shown to help",
        load: () => import("./page/experiments.tsx"),
    },
    {
        name: "experiment",
        title: "Experiment",
        needs: "GET /v1/experiments/{name}",
        under: "experiments",
        words: "One experiment",
        load: () => import("./page/experiments.tsx"),
    },
    {
        name: "plan",
        title: "Plan",
        needs: "GET /v1/plans",
        home: ["lead"],
        key: "l",
        words: "Which action for whom, so that a budget earns most",
        load: () => import("./page/plan.tsx"),
    },
    {
        name: "items",
        title: "Items",
        needs: "GET /v1/recommend/models",
        key: "i",
        words: "Which item comes next, for whom, and why",
        load: () => import("./page/items.tsx"),
    },
    {
        name: "surveys",
        title: "Surveys",
        needs: "GET /v1/surveys",
        key: "v",
        words: "How likely customers are to recommend the shop, and their words",
        load: () => import("./page/surveys.tsx"),
    },
    {
        name: "forecast",
        title: "Forecast",
        needs: "GET /v1/forecast",
        key: "f",
        words: "What the next weeks bring, and how far off such words were",
        load: () => import("./page/forecast.tsx"),
    },
    {
        name: "models",
        title: "Models",
        needs: "GET /v1/models",
        home: ["analyst"],
        key: "m",
        words: "What is predicted, and how well",
        load: () => import("./page/models.tsx"),
    },
    {
        name: "data",
        title: "Data",
        needs: "GET /v1/rejects",
        home: ["engineer"],
        key: "d",
        words: "Whether what is sent comes in, and what was refused",
        load: () => import("./page/data.tsx"),
    },
    {
        name: "privacy",
        title: "Privacy",
        needs: "GET /v1/privacy/requests",
        home: ["privacy"],
        key: "p",
        words: "Requests of people, export, erasure",
        load: () => import("./page/privacy.tsx"),
    },
    {
        name: "settings",
        title: "Settings",
        needs: "POST /v1/stop",
        home: ["admin"],
        key: "t",
        words: "Keys, people, the kill switch, who changed what",
        load: () => import("./page/settings.tsx"),
    },
];
