/* session.ts - who is signed in, and what they may: as the server's route table says. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { GetV1Session } from "./answers.ts";
import { RIGHTS, type Route } from "./answers.ts";

export type Person = GetV1Session;
export const PersonContext = createContext<Person>({ name: "", role: "none", rights: [] });
export const usePerson = (): Person => useContext(PersonContext);

/* Whether they may call a route: the server decides, this only leaves out what it would refuse. */
export const may = (person: Person, route: Route): boolean => person.rights.includes(RIGHTS[route]);
export function useMay(): (route: Route) => boolean {
    const person = usePerson();
    return (route) => may(person, route);
}
