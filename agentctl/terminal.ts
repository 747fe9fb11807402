/** Where a command prints: injected, so that tests read what a person would see. */
export interface Terminal {
  /** Characters per line; Infinity where the output is not a terminal. */
  readonly width: number
  /** Whether colours are shown rather than printed. */
  readonly colour?: boolean
  print(line: string): void
}

/**
 * Text from elsewhere as one line that a terminal only shows: what would move the cursor, change colours, reorder
 * or hide characters (controls, format characters, line separators) is written as in JSON, `\n` or `\u001b`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)
}

/** JSON for a person or a program; its strings are as harmless to a terminal as printable() text. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
  return shortEscapes[character] ?? units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** A duration for a person, in its two largest units at most: `3s`, `2m05s`, `4h12m`, `9d3h`. */
export function printAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, '0')}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h${String(minutes % 60).padStart(2, '0')}m`
  return `${Math.floor(hours / 24)}d${hours % 24}h`
}
