import type { SampleTable } from '../../../common/series/sample-table.ts'
import { createBoundedCounters } from './bounded-counters.ts'
import { aboutSampling, applicationSeconds, sessionSeconds, tableSeconds } from './wait-metrics.ts'

/** What samples have added up to, as series. */
export interface WaitCounters {
  /** So many seconds of a session. */
  session(of: SessionLabels, seconds: number): void
  /** So many seconds of waiting for a lock of that relation. */
  table(of: TableLabels, seconds: number): void
  /** A sample that stands for so many seconds, after so many of which nothing is known. */
  sampled(seconds: number, gapSeconds: number): void
  /** The very same tables as before while nothing has changed. */
  tables(): readonly SampleTable[]
}

export interface SessionLabels {
  readonly database: string
  readonly role: string
  readonly application: string
  readonly query: string
  readonly waitType: string
  readonly waitEvent: string
}

export interface TableLabels {
  readonly database: string
  readonly relation: string
  readonly waitEvent: string
}

/** Series at most, with those of `other`: 400 together with what tells of the looks. */
const limits = { sessions: 240, otherSessions: 50, tables: 55, otherTables: 12, applications: 40 }
const other = 'other'

/** @param nowMs monotonic */
export function createWaitCounters(nowMs: () => number): WaitCounters {
  // In the order of the labels of each metric.
  const sessions = createBoundedCounters({
    limit: limits.sessions,
    common: ([, , , event = '', type = '']) => [other, other, other, event, type],
    last: [other, other, other, other, other],
    maxCommon: limits.otherSessions,
    nowMs,
  })
  const tables = createBoundedCounters({
    limit: limits.tables,
    common: ([, , event = '']) => [other, other, event],
    last: [other, other, other],
    maxCommon: limits.otherTables,
    nowMs,
  })
  const applications = createBoundedCounters({
    limit: limits.applications - 1,
    common: () => [other],
    last: [other],
    maxCommon: 1,
    nowMs,
  })
  const sums = { samples: 0, seconds: 0, gaps: 0 }
  const told = { changes: -1, sums: -1, tables: [] as readonly SampleTable[] }

  return {
    session({ database, role, application, query, waitType, waitEvent }, seconds) {
      sessions.add([database, query, role, waitEvent, waitType], seconds)
      applications.add([application], seconds)
    },
    table({ database, relation, waitEvent }, seconds) {
      tables.add([database, relation, waitEvent], seconds)
    },
    sampled(seconds, gapSeconds) {
      sums.samples++
      sums.seconds += seconds
      sums.gaps += gapSeconds
    },
    tables() {
      const changes = sessions.changes + tables.changes + applications.changes
      const counted =
        told.changes === changes
          ? told.tables.slice(0, -1)
          : [
              { metrics: [sessionSeconds.name], labelNames: sessionSeconds.labels, rows: sessions.rows() },
              { metrics: [tableSeconds.name], labelNames: tableSeconds.labels, rows: tables.rows() },
              {
                metrics: [applicationSeconds.name],
                labelNames: applicationSeconds.labels,
                rows: applications.rows(),
              },
            ]
      if (told.changes !== changes || told.sums !== sums.samples) {
        const values = [sums.samples, sums.seconds, sums.gaps]
        const about = {
          metrics: aboutSampling.map(({ name }) => name),
          labelNames: [],
          rows: [{ labels: [], values }],
        }
        told.tables = [...counted, about]
        told.changes = changes
        told.sums = sums.samples
      }
      return told.tables
    },
  }
}
