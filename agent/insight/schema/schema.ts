import { randomUUID } from 'node:crypto'
import { messageOf } from '../../../common/errors.ts'
import type { InsightPart } from '../part.ts'
import type { InsightServer } from '../insight-server.ts'
import { createSchemaFigures } from './figures-of-schema.ts'
import { createServerLog } from './log/server-log.ts'
import { createSchemaWatch } from './schema-watch.ts'

export interface SchemaOptions {
  /** A name that no other whole look has. */
  readonly newId?: () => string
  /** Of one core of the server, that looking for changes may take on average; 0.002 unless told. */
  readonly shareOfCore?: number
  /** Whether the log of the server is read where that may be; true unless told. */
  readonly readsLog?: boolean
}

/** Between two looks at what sessions do. */
const sampleMs = 2_000

/**
 * Finds what changes in the schemas of a server while it is a primary, and who changes it, and tells it under `schema-changes`. It
 * compares catalogs, so that nothing has to be installed; what is found is on disk, so that changes while the agent is down are
 * found later.
 */
export function createSchemaHistory(server: InsightServer, options: SchemaOptions = {}): InsightPart {
  const { clock, log } = server
  const figures = createSchemaFigures()
  const stats = { looks: 0, failures: 0, logSkipped: 0 }
  return {
    name: 'schema',
    tables: () => figures.tables(),
    figures: [
      {
        name: 'pgherd_schema_looks_total',
        help: 'Looks at the catalogs of a server for changes of the schema; counters that have not moved cost none.',
        label: 'server',
        read: () => ({ [server.server]: stats.looks }),
      },
      {
        name: 'pgherd_schema_failures_total',
        help: 'Looks at the catalogs or at what sessions do that a server did not answer.',
        label: 'server',
        read: () => ({ [server.server]: stats.failures }),
      },
      {
        name: 'pgherd_schema_log_skipped_bytes_total',
        help: 'Bytes of the log of a server that were not read when a schema had changed, because there were too many.',
        label: 'server',
        read: () => ({ [server.server]: stats.logSkipped }),
      },
    ],
    async run(signal) {
      const watch = await createSchemaWatch(server, {
        ...{ figures, stats, newId: options.newId ?? randomUUID },
        shareOfCore: options.shareOfCore ?? 0.002,
        serverLog: options.readsLog === false ? undefined : await createServerLog(server, stats),
      })
      let isFailing = false
      const isOver = (): boolean => signal.aborted
      while (!isOver()) {
        try {
          await watch.tick(signal)
          isFailing = false
        } catch (error) {
          stats.failures++
          if (!isFailing && !isOver()) log.info({ error: messageOf(error) }, 'schema: a look has failed')
          isFailing = true
        }
        await clock.sleep(sampleMs, signal)
      }
      await watch.end()
    },
  }
}
