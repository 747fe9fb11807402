/** Signals closer together than this are one: a terminal, npm and setup/run.mjs may each deliver the same Ctrl-C. */
const oneKeypressMs = 1_000

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP. A later one means that somebody is tired of waiting:
 * `onImpatience` then ends the process at once.
 */
export function interruptionSignal(onImpatience: () => void): AbortSignal {
  const controller = new AbortController()
  let first: number | undefined
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const now = performance.now()
      first ??= now
      if (now - first > oneKeypressMs) onImpatience()
      controller.abort(new Error(`stopped by ${name}`))
    })
  }
  return controller.signal
}
