import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createEngine } from '../../collector/promql/engine.ts'
import { labelRecord } from '../../common/series/label-set.ts'
import { bothWays, detail } from '../../dashboards/kit/long-ranges.ts'
import { askedBy } from '../rules/emitted-metrics.ts'
import { isOverLongRanges, panelsOf, readBoards, withAllChosen } from './read-boards.ts'

const waysOf = (expr: string): readonly string[] => bothWays({ expr }).map(({ expr: way }) => way)

describe('the variable tells ranges of more than a day', () => {
  const pattern = new RegExp(detail.regex.slice(1, -1))
  const valueAt = async (seconds: number): Promise<string | undefined> => {
    const query = /^query_result\((.*)\)$/.exec(detail.query)![1]!.replace('$__range_s', String(seconds))
    const result = await createEngine().instant({ select: () => Promise.resolve([]) }, query, 0)
    if (result.type !== 'vector') throw new Error(`a ${result.type} in place of a vector`)
    expect(result.samples).toHaveLength(1)
    const labels = Object.entries(labelRecord(result.samples[0]!.labels))
    return pattern.exec(`{${labels.map(([name, value]) => `${name}="${value}"`).join(',')}} 1 0`)?.[1]
  }

  test.each([
    [3600, '.+'],
    [90_000, '.+'],
    [90_001, '-'],
    [2_592_000, '-'],
  ])('of %d seconds: %s', async (seconds, value) => {
    expect(await valueAt(seconds)).toBe(value)
  })
})

describe('both ways of a query', () => {
  test('a rate, over long ranges as the average of what was recorded', () => {
    expect(waysOf('sum by (ins) (rate(pg_db_temp_bytes{cls=~"$cls"}[$__rate_interval]))')).toEqual([
      'sum by (ins) (rate(pg_db_temp_bytes{cls=~"$cls",cls=~"$detail"}[$__rate_interval]))',
      'sum by (ins) (avg_over_time(database:pg_db_temp_bytes:rate5m{cls=~"$cls",cls!~"$detail"}[$__interval]))',
    ])
  })

  test('an increase, as the most that there was within its own window and no other', () => {
    const of = (window: string): string => `sum(increase(pg_db_deadlocks{cls=~"$cls"}[${window}]))`
    expect(waysOf(of('10m'))[1]).toBe(
      'sum(max_over_time(database:pg_db_deadlocks:increase10m{cls=~"$cls",cls!~"$detail"}[$__interval]))',
    )
    expect(waysOf(of('1h'))).toEqual([of('1h')])
  })

  test('what is not recorded beside what is, as it is', () => {
    expect(waysOf('pg_activity_count{cls=~"$cls"} / pg_setting_max_connections{cls=~"$cls"}')[1]).toBe(
      'avg_over_time(state:pg_activity_count:avg5m{cls=~"$cls",cls!~"$detail"}[$__interval]) / pg_setting_max_connections{cls=~"$cls",cls!~"$detail"}',
    )
  })

  test('a sum that was recorded without a label serves sums without it only', () => {
    const sum = 'sum by (ins) (rate(pgherd_probe_seconds_total{cls=~"$cls"}[5m]))'
    expect(waysOf(sum)).toHaveLength(2)
    expect(waysOf(sum.replace('ins', 'probe'))).toHaveLength(1)
    expect(waysOf(sum.replace('sum', 'max'))).toHaveLength(1)
  })

  test('of several sums the one with the fewest labels that has those that are asked for', () => {
    const recordedFor = (by: string, selector = ''): string | undefined =>
      waysOf(
        `sum by (${by}) (rate(pgherd_ash_seconds_total{cls=~"$cls"${selector}}[$__rate_interval]))`,
      )[1]?.match(/\w+:pgherd\w+:\w+/)?.[0]
    expect(recordedFor('cls, ins')).toBe('instance:pgherd_ash_seconds:rate5m')
    expect(recordedFor('usename')).toBe('user:pgherd_ash_seconds:rate5m')
    expect(recordedFor('ins', ',wait_event_type="CPU"')).toBe('event:pgherd_ash_seconds:rate5m')
    expect(recordedFor('datname, usename')).toBeUndefined()
  })

  test('of all tables what was summed over them where that is recorded, of chosen ones theirs', () => {
    const of = (metric: string, by = ''): string =>
      `sum${by} (rate(${metric}{cls=~"$cls",relname=~"$relname"}[$__rate_interval]))`
    expect(waysOf(of('pg_table_n_tup_ins'))[1]).toBe(
      'sum (avg_over_time(table:pg_table_n_tup_ins:rate5m{cls=~"$cls",relname=~"$relname",cls!~"$relname",cls!~"$detail"}[$__interval])) or ' +
        'sum (avg_over_time(database:pg_table_n_tup_ins:rate5m{cls=~"$cls",cls=~"$relname",cls!~"$detail"}[$__interval]))',
    )
    expect(waysOf(of('pg_table_n_tup_ins', ' by (relname)'))[1]).toBe(
      'sum by (relname) (avg_over_time(table:pg_table_n_tup_ins:rate5m{cls=~"$cls",relname=~"$relname",cls!~"$detail"}[$__interval]))',
    )
    expect(waysOf('sum(pg_table_n_dead_tup{cls=~"$cls",relname=~"$relname"})')[1]).toBe(
      'sum(max_over_time(table:pg_table_n_dead_tup:max5m{cls=~"$cls",relname=~"$relname",cls!~"$detail"}[$__interval]))',
    )
  })

  test('of all statements what was summed over them, of chosen ones theirs', () => {
    const [, long] = waysOf('sum(rate(pg_query_calls{cls=~"$cls",query=~"$query"}[$__rate_interval]))')
    expect(long).toBe(
      'sum(avg_over_time(statement:pg_query_calls:rate5m{cls=~"$cls",query=~"$query",cls!~"$query",cls!~"$detail"}[$__interval])) or ' +
        'sum(avg_over_time(database:pg_query_calls:rate5m{cls=~"$cls",cls=~"$query",cls!~"$detail"}[$__interval]))',
    )
  })

  test('one of which nothing is recorded is asked as it is at any range', () => {
    const expr = 'max by (ins) (pg_boot_time{cls=~"$cls"})'
    expect(bothWays({ expr })).toEqual([{ expr }])
  })
})

const recorded = new Set(
  globSync('rules/record*.yaml')
    .filter((file) => !file.endsWith('.test.yaml'))
    .flatMap((file) => {
      const { groups } = parse(readFileSync(file, 'utf8')) as {
        groups: { rules: { record: string }[] }[]
      }
      return groups.flatMap(({ rules }) => rules.map(({ record }) => record))
    }),
)

describe.each(readBoards())('$name', (board) => {
  const panels = panelsOf(board)

  test('asks for recorded series that rules record', () => {
    const names = panels
      .flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => askedBy(withAllChosen(expr))))
      .map(({ metric }) => metric)
      .filter((name) => name.includes(':'))
    expect(names.filter((name) => !recorded.has(name))).toEqual([])
  })

  test('a query of recorded series stands behind the one in whose place it is, has its legend and a longer step', () => {
    for (const { title, targets = [] } of panels) {
      targets.forEach(({ expr, legendFormat, interval }, index) => {
        const before = targets[index - 1]
        if (!isOverLongRanges(expr)) {
          expect(interval, title).toBeUndefined()
          return
        }
        expect([before?.expr.includes('=~"$detail"'), before?.legendFormat], title).toEqual([
          true,
          legendFormat,
        ])
        expect(interval, title).toBe('10m')
        const selectors = expr.match(/\{[^}]*\}/g) ?? []
        expect(
          selectors.filter((one) => !one.includes('!~"$detail"')),
          title,
        ).toEqual([])
      })
    }
  })

  test('has the hidden variable where it asks for it, and no address has it', () => {
    const asks = panels.some(({ targets = [] }) => targets.some(({ expr }) => expr.includes('$detail')))
    const variable = board.templating.list.find(({ name }) => name === 'detail')
    expect(variable).toEqual(
      asks
        ? {
            name: 'detail',
            type: 'query',
            definition: detail.query,
            regex: detail.regex,
            hide: 2,
            skipUrlSync: true,
          }
        : undefined,
    )
  })
})
