/* customer_contact.tsx - one message to one customer, written by hand: looked at as they get it, then sent.  A sent
 * message cannot be taken back, so it is told whom it reaches, and where the rules of contact say no, why. */
import { useState } from "preact/hooks";
import { Facts } from "../../part/block.tsx";
import { sentence } from "../../page/prose.ts";
import type { GetV1Ways, PostV1CustomersIdContact } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { formatInstant } from "../clock.ts";
import { tell } from "../notice.tsx";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Empty, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Choice, Dialog, Field } from "./form.tsx";

type Told = PostV1CustomersIdContact;

function Fate({ told, customer }: { told: Told; customer: string }) {
    const when = told.until_ms ? `, not before ${formatInstant(told.until_ms)}` : "";
    return (
        <>
            <p class="callout">
                {told.verdict === "skip" || (told.verdict === "hold" && !told.until_ms)
                    ? `Nothing would be sent: ${sentence(told.why ?? "the rules of contact say no")}`
                    : `It reaches one person, ${customer}, at ${told.address}${when}. It cannot be taken back once it has left.`}
            </p>
            <Facts rows={[told.subject !== "" && ["Subject", told.subject]]} />
            <pre class="command" tabIndex={0} aria-label="As they get it">
                <code>{told.text}</code>
            </pre>
        </>
    );
}

export function Contact({
    customer,
    again,
    close,
}: {
    customer: string;
    again: () => void;
    close: () => void;
}) {
    const ways = useAnswer<GetV1Ways>("/v1/ways"),
        [chosen, choose] = useState(""),
        [topic, setTopic] = useState(""),
        [subject, setSubject] = useState(""),
        [text, setText] = useState("Hello {{ customer.name | default: 'there' }},\n\n"),
        [told, show] = useState<Told | null>(null),
        [key] = useState(() => crypto.randomUUID()),
        doing = useDoing();
    const channels = (ways.data?.channels ?? []) as { name: string; kind: string }[],
        channel = channels.find((one) => one.name === chosen) ?? channels[0],
        isMail = channel?.kind === "email",
        goes = told !== null && (told.verdict === "go" || Boolean(told.until_ms));
    const write = (is_tried: boolean): Promise<Told> =>
        ask<Told>("POST", `/v1/customers/${encode(customer)}/contact`, {
            channel: channel?.name,
            topic: topic || null,
            subject: isMail ? subject : null,
            text,
            is_tried,
            key,
        });
    /* What was looked at is what is sent: a change has to be looked at again. */
    const changed =
        (set: (value: string) => void) =>
        (value: string): void => {
            set(value);
            show(null);
        };
    return (
        <Dialog title={`Write to ${customer}`} close={close}>
            {ways.data && !channel && (
                <Empty>
                    The settings name no channel by which a person is written to. Add one of kind smtp or twilio under
                    channels in holdfast.yaml.
                </Empty>
            )}
            <Trouble error={ways.error} />
            {channel && (
                <form
                    onSubmit={(event) => {
                        event.preventDefault();
                        doing.run(async () => {
                            if (!goes) {
                                show(await write(true));
                                return;
                            }
                            const sent = await write(false);
                            tell(
                                sent.until_ms
                                    ? `The message waits until ${formatInstant(sent.until_ms)}`
                                    : `The message to ${customer} is on its way`,
                            );
                            again();
                            close();
                        });
                    }}
                >
                    <Choice
                        label="By"
                        value={channel.name}
                        set={changed(choose)}
                        options={channels.map((one) => [one.name, one.name])}
                    />
                    <Choice
                        label="About"
                        value={topic}
                        set={changed(setTopic)}
                        options={[
                            ["", "no topic of the settings"],
                            ...((ways.data?.topics ?? []) as string[]).map((one): [string, string] => [one, one]),
                        ]}
                    />
                    {isMail && (
                        <Field
                            label="Subject"
                            name="subject"
                            value={subject}
                            set={changed(setSubject)}
                            error={doing.error}
                            isRequired
                        />
                    )}
                    <Field
                        label="Message"
                        name="text"
                        rows={8}
                        value={text}
                        set={changed(setText)}
                        error={doing.error}
                        note="{{ customer.name }} and their other traits are filled in."
                        isRequired
                    />
                    {told && <Fate told={told} customer={customer} />}
                    <Trouble error={doing.error} />
                    <p class="actions">
                        <Button
                            type="submit"
                            class={goes ? "button danger" : "button primary"}
                            isOff={doing.isDoing || (told !== null && !goes)}
                        >
                            {goes ? `Send it to ${customer}` : "Look at it first"}
                        </Button>
                        <button type="button" class="button" onClick={close}>
                            Cancel
                        </button>
                    </p>
                </form>
            )}
        </Dialog>
    );
}
