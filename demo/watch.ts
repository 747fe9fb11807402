import { systemClock } from '../common/clock.ts'

/** Something that should run as long as the demo does. */
export interface Watched {
  readonly name: string
  readonly logFile: string
  isRunning(): boolean
}

const everyMs = 500

/**
 * Says when something ends that should not have, once each. The demo goes on: whoever kills a server to see
 * what the page makes of it gets to see it.
 */
export async function watch(
  things: readonly Watched[],
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const watched = new Set(things)
  while (!signal.aborted && watched.size > 0) {
    for (const thing of watched) {
      if (thing.isRunning()) continue
      watched.delete(thing)
      print(`${thing.name} has ended; its log is ${thing.logFile}`)
    }
    await systemClock.sleep(everyMs, signal)
  }
}
