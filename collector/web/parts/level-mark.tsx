import type { JSX } from 'preact'
import { levelWords } from '../fleet/level.ts'
import type { Level } from '../fleet/level.ts'

const signs: Readonly<Record<Level, string>> = { ok: '✓', warning: '!', unknown: '?', critical: '✕' }

/** Shape and text as well as colour: nobody has to tell red from green. */
export function LevelMark({ level }: { readonly level: Level }): JSX.Element {
  return (
    <span class={`mark mark-${level}`} role="img" aria-label={levelWords[level]} title={levelWords[level]}>
      {signs[level]}
    </span>
  )
}
