import { globSync } from 'node:fs'
import { join } from 'node:path'
import { writeOwned } from '../postgres-settings.ts'

/** The wall clock of programs that are started with its environment; what they measure time with is not touched. */
export interface MovableClock {
  readonly environment: Readonly<Record<string, string>>
  /** Sets it apart from the true one, at once and for good: `+2h`, `-90d`, `+0`. */
  move(offset: string): void
}

/**
 * A clock by libfaketime, which looks at a file for each question.
 * @param directory existing, of the servers' user
 * @throws Error when libfaketime is not installed
 */
export function movableClock(directory: string): MovableClock {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1')
  if (library === undefined) throw new Error('libfaketime is not installed')
  const file = join(directory, 'clock')
  const move = (offset: string): void => writeOwned(file, `${offset}\n`)
  move('+0')
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    move,
  }
}
