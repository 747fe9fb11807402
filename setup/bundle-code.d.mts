import type { Plugin } from 'vite'

/** Bundles modules with all that they import; each of them, or each entry and what they share, is one file of code. */
export function bundleCode(options: {
  readonly entry: string | Readonly<Record<string, string>>
  readonly plugins: readonly Plugin[]
  readonly mangle: boolean
  readonly placeOfRare?: (id: string) => string | undefined
}): Promise<readonly { readonly file: string; readonly code: string; readonly modules: readonly string[] }[]>
