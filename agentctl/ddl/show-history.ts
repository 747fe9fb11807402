import { ddlAnswer } from '../../common/insight/ddl-view.ts'
import type { DdlChange, DdlChangeKind } from '../../common/insight/ddl-view.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import type { Tone } from '../table.ts'
import { withQuery } from '../with-query.ts'

export interface HistoryFlags {
  readonly cluster?: string
  readonly database?: string
  readonly object?: string
  readonly kind?: string
  readonly actor?: string
  readonly change?: readonly DdlChangeKind[]
  readonly under?: number
  readonly since?: number
  readonly limit: number
}

/** `agentctl ddl history`: the newest last. */
export async function showHistory(context: CliContext, flags: HistoryFlags): Promise<void> {
  const { change, since, limit, under, ...names } = flags
  const from = since === undefined ? undefined : (context.clock.now() - since) / 1000
  const path = withQuery('/api/v1/ddl', { limit, ...names, change, under, since: from })
  const { data } = await context.client().call('GET', path, ddlAnswer)
  const changes = data.toReversed()
  present(context, {
    columns: [
      { title: 'NO' },
      { title: 'TIME (UTC)' },
      { title: 'CLUSTER' },
      { title: 'DATABASE' },
      { title: 'CHANGE', tone: (cell: string) => tones[cell] },
      { title: 'OBJECT' },
      { title: 'WHO', onlyIfFilled: true },
      { title: 'WITH', onlyIfFilled: true, spare: 1 },
      { title: 'LOCK', onlyIfFilled: true },
    ],
    rows: changes.map((one) => [
      String(one.seq),
      printMoment(one.atMs),
      one.cluster,
      one.database,
      one.change,
      `${one.kind} ${one.object}${one.parts === 0 ? '' : ` (+${one.parts})`}`,
      one.actor ?? '',
      one.application ?? '',
      printLock(one),
    ]),
    data: changes,
    nothing: 'no schema has changed',
  })
}

/** `AccessExclusive 1.2s, 3 waited`. */
export function printLock({ lock, lockMs, waiters }: DdlChange): string {
  if (lock === null) return ''
  const held = lockMs === null ? '' : ` ${(lockMs / 1000).toFixed(1)}s`
  const behind = waiters === null || waiters === 0 ? '' : `, ${waiters} waited`
  return `${lock.replace(/Lock$/, '')}${held}${behind}`
}

const tones: Readonly<Partial<Record<string, Tone>>> = { dropped: 'bad', replaced: 'warning' }
