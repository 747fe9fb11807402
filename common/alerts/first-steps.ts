export interface Described {
  /** What it means. */
  readonly meaning: string
  /** Where the steps are to be done, and the like: what stands between "First" and the first of them. */
  readonly where: string
  /** What to do first, one after another. */
  readonly steps: readonly string[]
}

/**
 * The description of an alert in its parts: `It is down. First, on 10.0.0.1: 1. pg_lsclusters 2. journalctl ...`. One that is
 * written otherwise is all meaning.
 */
export function describedAlert(description: string): Described {
  const match = /^(.*?)\s*\bFirst\b,?\s*([^:]*?):\s*1\.\s+(.*)$/s.exec(description)
  if (match === null) return { meaning: description.trim(), where: '', steps: [] }
  const [, meaning = '', where = '', rest = ''] = match
  const steps: string[] = []
  let left = rest
  for (let next = 2; ; next++) {
    const at = left.search(new RegExp(`\\s${next}\\.\\s`))
    const step = at === -1 ? left : left.slice(0, at)
    steps.push(step.trim().replace(/;$/, ''))
    if (at === -1) break
    left = left.slice(at).replace(/^\s\d+\.\s+/, '')
  }
  return { meaning: meaning.trim(), where: where.trim(), steps }
}
