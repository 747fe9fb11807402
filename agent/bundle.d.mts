/** Where `npm run agent:build` writes the agent as one file of plain JavaScript. */
export function bundleFile(root?: string): string

/** What is written there and of what, the program last and before it its threads. */
export function bundleFiles(root?: string): readonly { readonly entry: string; readonly file: string }[]

/** Whether the bundle is there and nothing it is made of has changed since. */
export function bundleIsFresh(root?: string): boolean
export declare const bundleEnd: string
