/* button.tsx - a button that may be off for a while: it stays where the keyboard is, and says so, but does nothing. */
import type { ButtonHTMLAttributes } from "preact";

type Pressed = Parameters<NonNullable<ButtonHTMLAttributes["onClick"]>>[0];

/* isOff: it cannot be pressed now, as while what it does is under way. A button that is disabled loses the keyboard's focus, which
 * then begins again at the top of the page. Enter in a field presses its form's button, so that a form is not sent either. */
export function Button({ isOff, onClick, ...rest }: ButtonHTMLAttributes & { isOff?: boolean | undefined }) {
    return (
        <button
            {...rest}
            aria-disabled={isOff ? "true" : undefined}
            onClick={(event: Pressed) => {
                if (isOff) event.preventDefault();
                else onClick?.call(event.currentTarget, event);
            }}
        />
    );
}
