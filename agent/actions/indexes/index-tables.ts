import { left, moment, right } from '../output-table.ts'
import type { OutputTable } from '../output-table.ts'
import { printSize } from './print-size.ts'
import type { DropRecord, LedgerRecord, TrialRecord } from './ledger-record.ts'

/** Trials for a person: each in a line. */
export function trialTable(trials: readonly TrialRecord[]): OutputTable {
  return {
    type: 'table',
    title: 'Trials',
    columns: [
      ...[left('trial'), left('index'), left('database'), left('state'), left('started'), left('until')],
      ...[left('ended'), left('xid'), left('how')],
    ],
    rows: trials.map(({ id, index, state, startedMs, untilMs, endedMs, xid, message }) => [
      ...[
        id,
        index.sql,
        index.database,
        state,
        moment(startedMs),
        moment(untilMs),
        moment(endedMs),
        xid,
        message,
      ],
    ]),
    truncated: false,
  }
}

/** What the last look has found, against what it was before. */
export function readingTable({ id, readings }: TrialRecord): OutputTable {
  return {
    type: 'table',
    title: `Last look at ${id}`,
    columns: [left('what'), right('before'), right('since'), right('at_most'), left('judgement')],
    rows: readings.map(({ what, before, since, most, isWorse }) => [
      ...[what, before, since, most, isWorse ? 'WORSE' : 'fine'],
    ]),
    truncated: false,
  }
}

/** Dropped indexes for a person: each in a line, with what it is built of again. */
export function savedTable(drops: readonly DropRecord[]): OutputTable {
  return {
    type: 'table',
    title: 'Saved indexes',
    columns: [
      ...[left('id'), left('index'), left('database'), left('state'), left('dropped'), right('size')],
      ...[left('definition'), left('comment'), left('how')],
    ],
    rows: drops.map(({ id, index, state, startedMs, message }) => [
      ...[id, index.sql, index.database, state, moment(startedMs), printSize(index.sizeBytes)],
      ...[definitionOf(index), index.comment, message],
    ]),
    truncated: false,
  }
}

function definitionOf({ definition, tablespace }: DropRecord['index']): string {
  return tablespace === '' ? definition : `${definition} (in the tablespace ${tablespace})`
}

/** All of a server's ledger: those that go on first, each of the newest first. */
export function ledgerTables(records: readonly LedgerRecord[], limit: number): readonly OutputTable[] {
  const newest = records.toReversed()
  const trials = newest.filter((one) => one.kind === 'trial')
  const drops = newest.filter((one) => one.kind === 'drop')
  const cut = <T>(all: readonly T[]): readonly T[] => all.slice(0, limit)
  const running = trials.filter(({ state, readings }) => state === 'running' && readings.length > 0)
  return [
    { ...savedTable(cut(drops)), truncated: drops.length > limit },
    ...(trials.length === 0 ? [] : [{ ...trialTable(cut(trials)), truncated: trials.length > limit }]),
    ...running.map(readingTable),
  ]
}
