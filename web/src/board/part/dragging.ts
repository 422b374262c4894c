/* dragging.ts - a thing that follows the mouse or the finger until it is let go over a place that takes it. By pointer
 * events: not every browser drags a button by itself, and no finger does. */

const DRAG_FROM = 6; /* pixels: less is a press */

interface Dragging {
    begun: () => void;
    ended: (place: string | null) => void; /* the data-place under the pointer where it was let go; null: none, or given up */
}

/* What lies there, the dragged thing itself left out. */
const placeAt = (x: number, y: number): string | null =>
    document
        .elementsFromPoint(x, y)
        .map((one) => one.closest<HTMLElement>("[data-place]")?.dataset.place)
        .find((place) => place !== undefined) ?? null;

/* The press that a drag ends with is none. */
function swallowPress(node: HTMLElement): void {
    const swallow = (event: Event): void => event.stopImmediatePropagation();
    node.addEventListener("click", swallow, { capture: true });
    setTimeout(() => node.removeEventListener("click", swallow, { capture: true }), 0);
}

/* To be called where a pointer goes down on `node`. */
export function dragFrom(down: PointerEvent, node: HTMLElement, { begun, ended }: Dragging): void {
    if (down.button !== 0 || !down.isPrimary) return;
    const zoom = node.getBoundingClientRect().width / node.offsetWidth || 1;
    let isDragged = false;
    const move = (event: PointerEvent): void => {
        const x = event.clientX - down.clientX,
            y = event.clientY - down.clientY;
        if (!isDragged && Math.hypot(x, y) < DRAG_FROM) return;
        if (!isDragged) {
            isDragged = true;
            node.setPointerCapture(down.pointerId);
            node.classList.add("is-dragged");
            begun();
        }
        node.style.transform = `translate(${x / zoom}px, ${y / zoom}px)`;
    };
    const end = (event: PointerEvent): void => {
        node.removeEventListener("pointermove", move);
        node.removeEventListener("pointerup", end);
        node.removeEventListener("pointercancel", end);
        if (!isDragged) return;
        node.style.transform = "";
        node.classList.remove("is-dragged");
        swallowPress(node);
        ended(event.type === "pointerup" ? placeAt(event.clientX, event.clientY) : null);
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", end);
    node.addEventListener("pointercancel", end);
}
