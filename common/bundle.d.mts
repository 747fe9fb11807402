/** Where a program of ours is as one file of plain JavaScript, and whether that can be started. */
export function bundleOf(program: 'agent' | 'collector'): {
  /** Where `npm run agent:build` or `collector:build` writes it. */
  readonly bundleFile: (root?: string) => string
  /** What is written there and of what, the program last and before it its threads. */
  readonly bundleFiles: (root?: string) => readonly { readonly entry: string; readonly file: string }[]
  /** Whether the bundle is there, whole, and nothing it is made of has changed since. */
  readonly bundleIsFresh: (root?: string) => boolean
  /** The last line of each of its files. */
  readonly bundleEnd: string
}
