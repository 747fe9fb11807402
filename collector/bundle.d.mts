/** Where `npm run collector:build` writes the collector as one file of plain JavaScript. */
export function bundleFile(root?: string): string

/** Whether the bundle is there and nothing it is made of has changed since. */
export function bundleIsFresh(root?: string): boolean
export declare const bundleEnd: string
