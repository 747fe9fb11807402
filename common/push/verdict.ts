/** What an answer of the receiver means for the record that was sent. */
export type Verdict = 'stored' | 'retry' | 'hold' | 'drop'

const neverAccepted = new Set([400, 409, 413, 415, 422])
const comesBackByItself = new Set([408, 425, 429])

/**
 * 2xx: stored. 408, 425, 429 and 5xx: the receiver is busy or broken, try again. 400, 409, 413, 415 and 422 are about this
 * record and will be the same next time: drop it, or nothing after it is ever sent. Anything else (401, 403,
 * 404, a redirect) is about the configuration of either side: keep the data until somebody has mended it.
 */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'stored'
  if (status >= 500 || comesBackByItself.has(status)) return 'retry'
  return neverAccepted.has(status) ? 'drop' : 'hold'
}
