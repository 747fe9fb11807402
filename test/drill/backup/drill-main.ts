import { createDrill } from '../../../agent/backup/drill/run-drill.ts'
import { createPgBackRest } from '../../../agent/backup/engine/pgbackrest.ts'
import { systemClock } from '../../../common/clock.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'

/** A program that runs one drill: arguments are pgBackRest's configuration, the stanza, and where scratch directories go. */
const [configFile = '', stanza = '', directory = ''] = process.argv.slice(2)
const user = unprivilegedOwner()
await using engine = createPgBackRest({
  command: ['pgbackrest'],
  configFile,
  stanza,
  user,
  nice: 0,
  clock: systemClock,
})
const drill = createDrill({
  policy: {
    cluster: 'pg-main',
    nice: 0,
    drill: {
      directory,
      keepFreePercent: 0,
      target: 'latest',
      amcheck: false,
      queries: [],
      timeoutMs: 60_000,
    },
  },
  engine,
  user: user ?? null,
  live: () => Promise.resolve({ superuser: 'postgres' }),
  heldBack: () => Promise.resolve(undefined),
  clock: systemClock,
  onResult: () => undefined,
})
await drill({ signal: new AbortController().signal, note: () => Promise.resolve() })
