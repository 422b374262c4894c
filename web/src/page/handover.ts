/* handover.ts - gives text to the person: into the clipboard, or as a file. Nothing leaves the machine. */

/* True when the text is in the clipboard. */
export async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        /* a page opened from a file may not be allowed to: the old way */
        const field = Object.assign(document.createElement("textarea"), { className: "unseen", value: text });
        field.setAttribute("aria-hidden", "true");
        document.body.append(field);
        field.select();
        const isDone = document.execCommand("copy");
        field.remove();
        return isDone;
    }
}

export function downloadText(name: string, type: string, text: string): void {
    const href = URL.createObjectURL(new Blob([text], { type })),
        link = Object.assign(document.createElement("a"), { href, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
