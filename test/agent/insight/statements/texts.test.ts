import { describe, expect, test } from 'vitest'
import { createFingerprints } from '../../../../agent/insight/statements/fingerprints.ts'
import type { Fingerprint } from '../../../../agent/insight/statements/fingerprints.ts'
import { createTexts } from '../../../../agent/insight/statements/texts.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { statementTexts } from '../../../../common/insight/statement-texts.ts'
import type { StatementTexts } from '../../../../common/insight/statement-texts.ts'
import { silentLog } from '../../../../common/log.ts'
import { createManualClock } from '../../../manual-clock.ts'

interface ServerOfTexts {
  /** Of all texts together. */
  bytes?: number
  /** Of the file, where the role may ask for it. */
  fileBytes?: number
  tookMs?: number
  fails?: boolean
  readonly textOf?: (queryid: string) => string
}

function chosenOf(count: number, from = 1): ReadonlySet<Fingerprint> {
  const fingerprints = createFingerprints({ places: count, series: 10 * count }, () => undefined)
  for (let id = from; id < from + count; id++) {
    const queryid = String(id)
    fingerprints.of({ dbid: 5, queryid, fingerprint: `5/${queryid}`, toplevel: true }, 1).amounts[0] = 1
  }
  fingerprints.settle(1)
  return fingerprints.chosen
}

/** Texts of a server that answers as told, on a clock that a test moves. */
function textsOf(server: ServerOfTexts) {
  const clock = createManualClock()
  const told: StatementTexts['texts'] = []
  let reads = 0
  const reports: number[] = []
  const texts = createTexts({
    tell: (body) => {
      reports.push(JSON.stringify(body).length)
      told.push(...statementTexts.parse(body).texts)
    },
    ...{ timeoutMs: 2_000, clock, log: silentLog },
  })
  const connection = {
    async query(statement: { readonly text: string; readonly values?: readonly unknown[] }) {
      const answer = (row: readonly (string | null)[]) => ({
        columns: [],
        rows: [row],
        notices: [],
        elapsedMs: 1,
      })
      if (statement.text.includes('pg_stat_file')) return answer([String(server.fileBytes ?? 0)])
      reads++
      await clock.advance(server.tookMs ?? 1)
      if (server.fails === true) throw new PgherdError('PROBE_FAILED', 'statement timeout')
      const ids = String(statement.values![0]).slice(1, -1).split(',')
      const { textOf = (id: string) => `select ${id}, c from t` } = server
      const rows = ids.map((id) => [5, id, textOf(id), false])
      return answer([String(server.bytes ?? 1_000), JSON.stringify(rows)])
    },
  }
  const extension = {
    ...{ schema: 'public', hasInfo: true, mayStatFile: server.fileBytes !== undefined },
    columns: new Set<string>(),
  }
  return {
    clock,
    told,
    reports,
    reads: () => reads,
    look: (chosen: ReadonlySet<Fingerprint>) =>
      texts.look({ chosen, nameOf: () => 'app', connection, extension }),
  }
}

describe('texts of statements', () => {
  test('are told once, without constants, and again after a day', async () => {
    const { clock, told, look, reads } = textsOf({})
    const chosen = chosenOf(3)
    await look(chosen)
    expect(told.map(({ queryid }) => queryid).toSorted()).toEqual(['1', '2', '3'])
    expect(told[0]).toEqual({
      queryid: told[0]!.queryid,
      datname: 'app',
      text: 'select ?, c from t',
      isCut: false,
    })
    await clock.advance(3_600_000)
    await look(chosen)
    expect(reads()).toBe(1)
    await clock.advance(86_400_000)
    await look(chosen)
    expect(reads()).toBe(2)
    expect(told).toHaveLength(6)
  })

  test('are read once a minute at most, however many statements are new', async () => {
    const { clock, look, reads } = textsOf({})
    for (let second = 0; second < 120; second += 10) {
      await look(chosenOf(2, 1 + second))
      await clock.advance(10_000)
    }
    expect(reads()).toBe(2)
  })

  test('are read the more rarely the longer it takes', async () => {
    const { clock, look, reads } = textsOf({ tookMs: 1_000 })
    await look(chosenOf(1))
    await clock.advance(490_000)
    await look(chosenOf(1, 2))
    expect(reads()).toBe(1)
    await clock.advance(10_000)
    await look(chosenOf(1, 2))
    expect(reads()).toBe(2)
  })

  test('are read once an hour where all of them are large, or could not be read', async () => {
    for (const server of [{ bytes: 1e9 }, { fails: true }]) {
      const { clock, look, reads } = textsOf(server)
      await look(chosenOf(1))
      await clock.advance(3_500_000)
      await look(chosenOf(1, 2))
      expect(reads()).toBe(1)
      await clock.advance(100_000)
      await look(chosenOf(1, 2))
      expect(reads()).toBe(2)
    }
  })

  test('are not read at all where their file is known to be large', async () => {
    const { look, reads } = textsOf({ fileBytes: 1e9 })
    await look(chosenOf(1))
    expect(reads()).toBe(0)
  })

  test('go in several reports where they are long', async () => {
    const { told, reports, look } = textsOf({ textOf: (id) => `select ${'c, '.repeat(2_700)} ${id}` })
    await look(chosenOf(120))
    expect(told).toHaveLength(120)
    expect(reports.length).toBeGreaterThan(1)
    expect(Math.max(...reports)).toBeLessThan(512 * 1024)
  })
})
