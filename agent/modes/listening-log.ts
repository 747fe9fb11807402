import type { Log } from '../../common/log.ts'

/** A log that keeps what was complained about, for a command that tells a person. */
export interface ListeningLog {
  readonly log: Log
  /** Messages of warnings and errors since the last call. */
  take(): readonly string[]
}

export function createListeningLog(): ListeningLog {
  let messages: string[] = []
  const ignore = (): void => undefined
  const keep = (first: unknown, second?: unknown): void => {
    const message = typeof first === 'string' ? first : second
    if (typeof message === 'string') messages.push(message)
  }
  const log: Log = { debug: ignore, info: ignore, warn: keep, error: keep, child: () => log }
  return {
    log,
    take() {
      const taken = messages
      messages = []
      return taken
    },
  }
}
