import type { Action } from './action.ts'
import { analyze } from './kinds/analyze.ts'
import { cancelSession } from './kinds/cancel-session.ts'
import { checkpoint } from './kinds/checkpoint.ts'
import { facts } from './kinds/facts.ts'
import { logLevel } from './kinds/log-level.ts'
import { pgbouncerKill } from './kinds/pgbouncer-kill.ts'
import { pgbouncerPause } from './kinds/pgbouncer-pause.ts'
import { pgbouncerReconnect } from './kinds/pgbouncer-reconnect.ts'
import { pgbouncerReload } from './kinds/pgbouncer-reload.ts'
import { pgbouncerResume } from './kinds/pgbouncer-resume.ts'
import { pgbouncerShow } from './kinds/pgbouncer-show.ts'
import { ping } from './kinds/ping.ts'
import { reload } from './kinds/reload.ts'
import { scrapeNow } from './kinds/scrape-now.ts'
import { show } from './kinds/show.ts'
import { terminateSession } from './kinds/terminate-session.ts'
import { vacuum } from './kinds/vacuum.ts'

/** Every action of an agent but `cancel`, which is about its other commands. */
export const kinds: readonly Action[] = [
  ping,
  facts,
  scrapeNow,
  logLevel,
  show,
  reload,
  checkpoint,
  analyze,
  vacuum,
  cancelSession,
  terminateSession,
  pgbouncerShow,
  pgbouncerPause,
  pgbouncerResume,
  pgbouncerReconnect,
  pgbouncerReload,
  pgbouncerKill,
]
