import type { Clock } from '../../common/clock.ts'
import { hideSecrets } from '../../common/hide-secrets.ts'
import type { FromAgent } from '../../common/wire/channel.ts'

/** What a running action says of itself, on its way to whoever waits. */
export interface Telling {
  progress(percent: number | null, text: string): void
  write(text: string): void
  /** Sends what waits, and takes nothing more. */
  end(): void
}

const intervalMs = 500
const maxWritten = 64 * 1024
const maxPiece = 16 * 1024

/** Progress and output at most twice a second: the newest progress, and as much output as is reasonable. */
export function createTelling(id: string, send: (message: FromAgent) => void, clock: Clock): Telling {
  const ended = new AbortController()
  let progress: { readonly percent: number | null; readonly text: string } | undefined
  let written = ''
  let skipped = 0
  let isResting = false

  const flush = () => {
    if (progress !== undefined) send({ type: 'command-progress', id, ...progress })
    progress = undefined
    // Of what was written in parts, so that a password that spans two of them is seen as one.
    let rest = hideSecrets(skipped === 0 ? written : `… ${skipped} characters\n${written}`).toWellFormed()
    written = ''
    skipped = 0
    for (; rest !== ''; rest = rest.slice(maxPiece)) {
      send({ type: 'command-output', id, text: rest.slice(0, maxPiece).toWellFormed() })
    }
  }
  const tell = () => {
    if (isResting || ended.signal.aborted) return
    flush()
    isResting = true
    void clock.sleep(intervalMs, ended.signal).then(() => {
      isResting = false
      if (!ended.signal.aborted && (progress !== undefined || written !== '')) tell()
    })
  }
  return {
    progress(percent, text) {
      if (ended.signal.aborted) return
      const known = percent !== null && Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) : null
      progress = { percent: known, text: hideSecrets(text).slice(0, 1_000).toWellFormed() }
      tell()
    },
    write(text) {
      if (ended.signal.aborted) return
      written += text
      if (written.length > maxWritten) {
        skipped += written.length - maxWritten
        written = written.slice(-maxWritten)
      }
      tell()
    },
    end() {
      flush()
      ended.abort()
    },
  }
}
