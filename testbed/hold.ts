import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from './wait.ts'

/** Has a program of ours wait in the middle of its work, in a call of node:fs/promises that lasts microseconds otherwise. */
export interface Hold {
  /** What the program is to be started with. */
  readonly environment: Readonly<Record<string, string>>
  /** The next such call waits, until `release`. @param call of `rename /from /to` or `rm /path` */
  arm(call: RegExp): void
  /** Until the program stands there. */
  reached(options?: { readonly timeoutMs?: number; readonly explain?: () => string }): Promise<boolean>
  release(): void
}

/** @param directory existing; one for each program */
export function createHold(directory: string): Hold {
  const [at, reached] = [join(directory, 'at'), join(directory, 'reached')]
  return {
    environment: {
      NODE_OPTIONS: `--import=${fileURLToPath(new URL('hold-preload.mjs', import.meta.url))}`,
      PGHERD_TESTBED_HOLD: directory,
    },
    arm(call) {
      rmSync(reached, { force: true })
      writeFileSync(at, call.source)
    },
    reached: (options) =>
      waitFor('the program to stand where it is held', () => existsSync(reached), {
        timeoutMs: 60_000,
        intervalMs: 5,
        ...options,
      }),
    release: () => rmSync(at, { force: true }),
  }
}
