/** Where `npm run agent:build` writes the agent as one file of plain JavaScript. */
export function bundleFile(root?: string): string

/** Whether the bundle is there and nothing it is made of has changed since. */
export function bundleIsFresh(root?: string): boolean
export declare const bundleEnd: string
