/* place.ts - the address is the state: which page, of what, and how it is looked at. Back, reload and a shared link
 * show the same at the same place. */
import { useEffect, useState } from "preact/hooks";

export interface Place {
    page: string;
    argument: string;
    asked: URLSearchParams;
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    } /* a foreign link */
}

/* "#/customers/ada?part=events" */
export function placeOf(hash: string): Place {
    const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
    const [page = "", ...rest] = path.split("/");
    return { page: decoded(page), argument: decoded(rest.join("/")), asked: new URLSearchParams(query) };
}

export type Asked = Record<string, string | number | null | undefined>;

/* A link to a page of ours; what is null or empty is left out. */
export function to(page: string, argument?: string | number | null, asked: Asked = {}): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(asked))
        if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
    const path =
        argument === undefined || argument === null ? page : `${page}/${encodeURIComponent(String(argument))}`;
    return `#/${path}${query.size > 0 ? `?${query}` : ""}`;
}

const listeners = new Set<() => void>();
const tell = (): void => {
    for (const listener of [...listeners]) listener();
};
addEventListener("hashchange", tell);

const currentPlace = (): Place => placeOf(location.hash);

export function go(address: string): void {
    location.hash = address;
}

/* To be called before something is asked: where its answer leads, unless who asked has gone elsewhere meanwhile. */
export function leading(): (address: string) => void {
    const here = location.hash;
    return (address) => {
        if (location.hash === here) go(address);
    };
}

/* Changes how the page is looked at. Typing and dragging are no steps to go back through: they replace. */
export function look(asked: Asked, isStep = true): void {
    const here = currentPlace(),
        merged: Asked = { ...Object.fromEntries(here.asked), ...asked };
    const address = to(here.page, here.argument || null, merged);
    if (address === location.hash) return;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    tell();
}

export function usePlace(): Place {
    const [hash, set] = useState(location.hash);
    useEffect(() => {
        const listener = (): void => set(location.hash);
        listeners.add(listener);
        listener(); /* it may have changed since it was drawn first */
        return () => {
            listeners.delete(listener);
        };
    }, []);
    return placeOf(hash);
}
