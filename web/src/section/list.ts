/* list.ts - the sections in the order of the page: what to do, what lies behind it, and whether to believe it. */
import type { Group, Section } from "./section.tsx";
import { actions } from "./actions.tsx";
import { backtest } from "./backtest.tsx";
import { calibration } from "./calibration.tsx";
import { cohorts } from "./cohorts.tsx";
import { drivers } from "./drivers.tsx";
import { experiments } from "./experiments.tsx";
import { kpi } from "./kpi.tsx";
import { lift } from "./lift.tsx";
import { models } from "./models.tsx";
import { pilot } from "./pilot.tsx";
import { plan } from "./plan.tsx";
import { quality } from "./quality.tsx";
import { retention } from "./retention.tsx";
import { scenario } from "./scenario.tsx";
import { riskValue } from "./risk_value.tsx";
import { groups } from "./groups.tsx";
import { timeline } from "./timeline.tsx";
import { value } from "./value.tsx";

export const GROUPS: Record<Group, string> = { act: "Act", understand: "Understand", trust: "Trust" };

export const SECTIONS: Section[] = [
    actions, riskValue, pilot, plan,
    drivers, groups, timeline, kpi, cohorts, retention, value, scenario,
    quality, models, backtest, calibration, lift, experiments,
];
