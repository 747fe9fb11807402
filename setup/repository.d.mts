/** The top folder of this checkout, with a slash at its end. */
export declare const repository: string

/** Ends the process with one sentence for the person in front of it. */
export function refuse(sentence: string): never
