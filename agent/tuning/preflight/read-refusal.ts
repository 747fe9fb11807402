export interface Refusal {
  readonly words: string
  readonly parameter: string | null
}

/** What follows from the rest, and tells of a file that is gone by then. */
const noise = /^(?:skipping missing configuration file|configuration file ".*" contains errors)/

/**
 * What `postgres -C` wrote when it ended with an error, in one sentence.
 * @param candidates - names of the settings that are tried, which it is most likely about
 */
export function readRefusal(stderr: string, directory: string, candidates: readonly string[]): Refusal {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^(?:LOG|FATAL|ERROR|WARNING|postgres): {1,2}/, '').trim())
    .filter((line) => line !== '' && !noise.test(line))
    .map((line) => line.replace(new RegExp(` in file "${escaped(directory)}[^"]*" line \\d+`), ''))
  const words = lines.join('; ')
  return { words, parameter: parameterIn(words, candidates) }
}

/**
 * The candidate that is named first, else the one that PostgreSQL puts as a parameter. A library is named without the list it is in;
 * the postmaster loads those of shared_preload_libraries alone.
 */
function parameterIn(words: string, candidates: readonly string[]): string | null {
  const places = candidates
    .map((name) => ({ name, at: words.search(new RegExp(`\\b${escaped(name)}\\b`)) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
  const named = places[0]?.name ?? /\bparameter "([\w.]+)"/.exec(words)?.[1]
  if (named !== undefined) return named
  if (/could not (?:access file|load library|find function "_PG_init")/.test(words))
    return 'shared_preload_libraries'
  if (/^(?:could not|syntax error)/.test(words)) return null
  return /\b[a-z]+(?:_[a-z]+)+\b/.exec(words)?.[0] ?? null
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
