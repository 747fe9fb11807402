/** Where `npm run collector:build` writes the collector as one file of plain JavaScript. */
export function bundleFile(root?: string): string

/** Whether the bundle is there and nothing it is made of has changed since. */
export function bundleIsFresh(root?: string): boolean
export declare const bundleEnd: string

/** Where V8's code for the bundle is kept, filled when the bundle is made. */
export declare const compileCache: string
