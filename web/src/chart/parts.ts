/* parts.ts - what charts have in common: frame, axes, tooltips, and the marks ECharts lacks (whiskers, bands). */
import { h } from "../page/dom.ts";
import type { Colours } from "../page/theme.ts";

type Formatter = (value: number) => string;

export function frame(more: Record<string, unknown> = {}): Record<string, unknown> {
    return { left: 4, right: 12, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "all", ...more };
}

function axisText(colours: Colours): Record<string, unknown> {
    return { color: colours.muted, fontSize: 12 };
}

interface AxisOptions {
    name?: string; format?: Formatter; min?: number; max?: number; splitNumber?: number; interval?: number;
}

/* The axis that is read against: faint lines across, no line of its own. */
export function valueAxis(colours: Colours, options: AxisOptions = {}): Record<string, unknown> {
    return { type: "value", min: options.min, max: options.max, splitNumber: options.splitNumber ?? 4,
        interval: options.interval,
        name: options.name, nameLocation: "middle", nameGap: 28, nameTextStyle: axisText(colours),
        axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: colours.line } },
        axisLabel: { ...axisText(colours), formatter: options.format } };
}

/* The axis along the bottom. */
export function baseAxis(colours: Colours, options: AxisOptions = {}): Record<string, unknown> {
    return { ...valueAxis(colours, options), axisLine: { show: true, lineStyle: { color: colours.rock } },
        splitLine: { show: false }, axisLabel: { ...axisText(colours), formatter: options.format,
            hideOverlap: true } };
}

export function categoryAxis(colours: Colours, names: string[], name?: string): Record<string, unknown> {
    return { type: "category", data: names, name, nameLocation: "middle", nameGap: 28,
        nameTextStyle: axisText(colours),
        axisLine: { lineStyle: { color: colours.rock } }, axisTick: { show: false },
        axisLabel: { ...axisText(colours), hideOverlap: true } };
}

interface TooltipContent { heading: string; lines: [string, string][] }

/* A tooltip made of elements, so that no text is parsed as markup: a heading and lines of label and number. */
export function tooltip(colours: Colours, trigger: "axis" | "item",
                        content: (index: number) => TooltipContent | null): Record<string, unknown> {
    return { trigger, confine: true, transitionDuration: 0, backgroundColor: colours.surface,
        borderColor: colours.line,
        padding: [8, 12], textStyle: { color: colours.ink, fontSize: 13 }, extraCssText: "box-shadow: none",
        axisPointer: { type: "line", lineStyle: { color: colours.rock, type: "solid" } },
        formatter: (hovered: unknown) => {
            const first = (Array.isArray(hovered) ? hovered[0] : hovered) as { dataIndex?: number };
            const found = content(first?.dataIndex ?? 0);
            return found ? h("div", { class: "tooltip" }, h("strong", null, found.heading),
                h("dl", null, found.lines.map(([label, number]) => [h("dt", null, label),
                    h("dd", null, number)]))) : "";
        } };
}

interface Api { value(dimension: number): number; coord(point: [number, number]): [number, number] }

/* Whiskers from low to high. Each datum is [x, low, high]. */
export function whiskers(colours: Colours, data: [number, number, number][],
                         colour = colours.ink): Record<string, unknown> {
    return { type: "custom", data, silent: true, z: 5, encode: { x: 0, y: [1, 2] },
        renderItem: (_: unknown, api: Api) => {
            const x = api.value(0), [across, bottom] = api.coord([x, api.value(1)]),
                [, top] = api.coord([x, api.value(2)]);
            const line = (x1: number, y1: number, x2: number, y2: number) =>
                ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 1.5 } });
            return { type: "group", children: [line(across, bottom, across, top),
                line(across - 3, bottom, across + 3, bottom), line(across - 3, top, across + 3, top)] };
        } };
}

/* A filled band between low and high. Each datum is [x, low, high]. */
export function band(colours: Colours, data: [number, number, number][]): Record<string, unknown> {
    return { type: "custom", data, silent: true, z: 1, encode: { x: 0, y: [1, 2] },
        renderItem: (at: { dataIndex: number }, api: Api) => {
            if (at.dataIndex !== 0) return undefined;
            const points = [...data.map(([x, low]) => api.coord([x, low])),
                ...[...data].reverse().map(([x, , high]) => api.coord([x, high]))];
            return { type: "polygon", shape: { points }, style: { fill: colours.accent, opacity: 0.18 } };
        } };
}

/* A line without dots. */
export function line(colour: string, data: unknown[],
                     more: Record<string, unknown> = {}): Record<string, unknown> {
    return { type: "line", data, showSymbol: false, symbol: "circle", symbolSize: 7, z: 3, color: colour,
        lineStyle: { color: colour, width: 2, ...(more["lineStyle"] as object | undefined) },
        emphasis: { disabled: true }, ...without(more, "lineStyle") };
}

function without(object: Record<string, unknown>, key: string): Record<string, unknown> {
    const { [key]: _, ...rest } = object;
    return rest;
}

/* A dashed line to compare with, such as the diagonal. */
export function reference(colours: Colours, points: [number, number][]): Record<string, unknown> {
    return line(colours.rock, points,
        { silent: true, z: 2, lineStyle: { width: 1.5, type: [5, 4] }, symbol: "none" });
}
