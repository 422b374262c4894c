/* chart.ts - the only file that knows ECharts: draws an option into a figure when it comes into view, again when
 * colours or width change, and all figures before printing. Each figure carries its numbers as a table. */
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { h } from "../page/dom.ts";
import { colours, onThemeChange, type Colours } from "../page/theme.ts";

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, TooltipComponent,
    AriaComponent, SVGRenderer]);

export type Option = EChartsCoreOption;
export type Legend = { label: string; mark: "fill" | "rock" | "line" | "dashed" | "band" | "dot" }[];

export interface ChartOptions {
    title: string;                                        /* what is plotted, with its unit */
    label: string;                                        /* read aloud instead of the drawing */
    height?: number;
    legend?: Legend;
    option: (colours: Colours, width: number) => Option;
    table?: HTMLElement;
}

interface Drawn { place: HTMLElement; options: ChartOptions; chart: EChartsType | null }
const all: Drawn[] = [];

export function chart(options: ChartOptions): HTMLElement {
    const place = h("div", { class: "plot", role: "img", "aria-label": options.label,
        vars: { height: `${options.height ?? 280}px` } });
    const drawn: Drawn = { place, options, chart: null };
    all.push(drawn);
    comesIntoView.observe(place);
    return h("figure", { class: "chart" },
        h("figcaption", null, h("span", { class: "chart-title" }, options.title), legend(options.legend)),
        place,
        options.table ? h("details", { class: "as-table" }, h("summary", null, "Show as table"), options.table)
            : null);
}

function legend(items?: Legend): HTMLElement | null {
    return items ? h("span", { class: "legend" }, items.map((item) =>
        h("span", { class: "legend-item" },
            h("span", { class: `legend-mark ${item.mark}`, "aria-hidden": "true" }), item.label)))
        : null;
}

function draw(drawn: Drawn): void {
    const { place, options } = drawn;
    if (place.clientWidth === 0) return;
    if (!drawn.chart) {
        drawn.chart = init(place, null, { renderer: "svg" });
        changesSize.observe(place);
    }
    drawn.chart.resize();
    drawn.chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" },
        ...options.option(colours(), place.clientWidth) }, { notMerge: true });
}

const comesIntoView = new IntersectionObserver((entries) => {
    for (const entry of entries) {
        const drawn = entry.isIntersecting && all.find((one) => one.place === entry.target);
        if (drawn && !drawn.chart) draw(drawn);
    }
}, { rootMargin: "600px 0px" });

const changesSize = new ResizeObserver((entries) => {
    for (const entry of entries) {
        const drawn = all.find((one) => one.place === entry.target);
        if (drawn?.chart && drawn.chart.getWidth() !== drawn.place.clientWidth) draw(drawn);
    }
});

const redraw = () => { for (const drawn of all) if (drawn.chart) draw(drawn); };
onThemeChange(redraw);

/* Paper is white: print in light colours, with every figure drawn. */
addEventListener("beforeprint", () => {
    document.documentElement.dataset["printing"] = "";
    for (const drawn of all) draw(drawn);
});
addEventListener("afterprint", () => {
    delete document.documentElement.dataset["printing"];
    redraw();
});
