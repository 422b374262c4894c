/* list.ts - the sections in the order of the page: what to do, what lies behind it, and whether to believe it. */
import type { Group, Section } from "../page/section.ts";
import { actions } from "./actions.ts";
import { backtest } from "./backtest.ts";
import { calibration } from "./calibration.ts";
import { cohorts } from "./cohorts.ts";
import { drivers } from "./drivers.ts";
import { experiments } from "./experiments.ts";
import { kpi } from "./kpi.ts";
import { lift } from "./lift.ts";
import { models } from "./models.ts";
import { pilot } from "./pilot.ts";
import { quality } from "./quality.ts";
import { retention } from "./retention.ts";
import { scenario } from "./scenario.ts";
import { riskValue } from "./risk_value.ts";
import { groups } from "./groups.ts";
import { timeline } from "./timeline.ts";
import { value } from "./value.ts";

export const GROUPS: Record<Group, string> = { act: "Act", understand: "Understand", trust: "Trust" };

export const SECTIONS: Section[] = [
    actions, riskValue, pilot,
    drivers, groups, timeline, kpi, cohorts, retention, value, scenario,
    quality, models, backtest, calibration, lift, experiments,
];
