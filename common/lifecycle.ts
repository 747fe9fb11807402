import { once } from 'node:events'

const backstopMs = 10_000

/**
 * An AbortSignal that fires on SIGINT or SIGTERM, once, and on SIGHUP unless that means something else here. After that the process has ten seconds to
 * dispose of what it owns; a backstop ends it if something hangs, because a supervisor would use SIGKILL.
 */
export function shutdownSignal(onBackstop: () => void, onHangup?: () => void): AbortSignal {
  const controller = new AbortController()
  if (onHangup !== undefined) process.on('SIGHUP', onHangup)
  const names = ['SIGINT', 'SIGTERM', ...(onHangup === undefined ? (['SIGHUP'] as const) : [])] as const
  for (const name of names) {
    process.on(name, () => {
      if (controller.signal.aborted) return
      controller.abort(name)
      setTimeout(onBackstop, backstopMs).unref()
    })
  }
  return controller.signal
}

/** Resolves when the signal has aborted, at once if it already has. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
