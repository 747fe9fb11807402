import type { ActionContext } from './action.ts'

const firstLooksMs = 500
const laterLooksMs = 5_000
const firstLooks = 20

/**
 * The result of `work`, which is looked at meanwhile: often at first, then seldom. A look that fails is none, because progress
 * is a courtesy.
 */
export async function whileLooking<T>(
  { clock }: Pick<ActionContext, 'clock'>,
  work: Promise<T>,
  look: () => Promise<void>,
): Promise<T> {
  const done = new AbortController()
  const looking = (async () => {
    for (let looks = 0; ; looks++) {
      await clock.sleep(looks < firstLooks ? firstLooksMs : laterLooksMs, done.signal)
      if (done.signal.aborted) return
      await look().catch(() => undefined)
    }
  })()
  try {
    return await work
  } finally {
    done.abort()
    await looking
  }
}
