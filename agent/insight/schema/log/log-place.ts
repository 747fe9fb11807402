import type { DescribedLog } from './describe-log.ts'

/** Up to where the log was read. */
export interface LogPlace {
  readonly file: string
  readonly offset: number
}

/** Parts of files that came behind `place`, the oldest first: of its file, of those after it, and of the current one. */
export function partsSince(
  place: LogPlace | undefined,
  { files, current }: Pick<DescribedLog, 'files' | 'current'>,
): readonly { readonly file: string; readonly from: number; readonly to: number }[] {
  const at = files.findIndex(({ name }) => name === place?.file)
  const ours = at < 0 ? files.filter(({ name }) => name === current) : files.slice(at)
  return ours
    .map(({ name, size }, behind) => {
      // One that is shorter now was begun anew under its name.
      const isSame = at >= 0 && behind === 0 && place !== undefined && place.offset <= size
      return { file: name, from: isSame ? place.offset : 0, to: size }
    })
    .filter(({ from, to }) => to > from)
}

/** The newest of them, at most so many bytes. @returns too what is left out, bytes */
export function newestParts(
  parts: ReturnType<typeof partsSince>,
  most: number,
): { readonly parts: ReturnType<typeof partsSince>; readonly skipped: number } {
  let left = most
  let skipped = 0
  const kept = parts.toReversed().flatMap((part) => {
    const from = Math.max(part.from, part.to - left)
    skipped += from - part.from
    left -= part.to - from
    return from < part.to ? [{ ...part, from }] : []
  })
  return { parts: kept.toReversed(), skipped }
}
