import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseExpression } from '../../collector/promql/parse-expression.ts'
import { uids } from '../../dashboards/kit/uids.ts'
import { colours } from '../../dashboards/kit/palette.ts'
import { panelsOf, readBoards, variablesOf, withAllChosen, expressionsOf } from './read-boards.ts'
import type { Panel } from './read-boards.ts'
import { selectorsIn } from './selectors-in.ts'

const boards = readBoards()
const variables = new Map(
  boards.map(({ uid, templating }) => [uid, new Set(templating.list.map(({ name }) => name))]),
)

/** What is about the collector or the rules has no labels of a server. */
const withoutServer = /^(pgherd_(collector|store|ingest|nodes|commands|channel|query)_?\w*|ALERTS\w*)$/

/** Whether the expression sums by the label, and so its series have it. */
function isKept(label: string, expr: string): boolean {
  return new RegExp(`by \\([^)]*\\b${label}\\b[^)]*\\)`).test(expr)
}

test('every board of the list is there under its address', () => {
  expect(Object.fromEntries(boards.map(({ name, uid }) => [name, uid]))).toEqual(uids)
})

describe.each(boards)('$name', (board) => {
  const panels = panelsOf(board)
  const asking = panels.filter(({ type }) => type !== 'text')
  const own = variables.get(board.uid)!

  test('says what it is for', () => {
    expect(board.title).toMatch(/^pgherd: \S/)
    expect(board.description).toMatch(/\.$/)
    expect(board.tags).toEqual(['pgherd', board.name])
  })

  test.each(panels)('"$title" says what it shows', ({ description }) => {
    expect(description).toMatch(/\.$/)
    expect(description!.length).toBeGreaterThan(15)
  })

  test.each(asking)('"$title" has a unit, an empty state and thresholds', ({ fieldConfig, targets = [] }) => {
    expect(fieldConfig?.defaults.unit).toBeTruthy()
    expect(fieldConfig?.defaults.noValue).toMatch(/[.)]$/)
    expect(targets.length).toBeGreaterThan(0)
    const steps = fieldConfig?.defaults.thresholds?.steps ?? []
    expect(steps[0]?.value, 'the first has no lower end').toBeNull()
    const values = steps.slice(1).map(({ value }) => value!)
    expect(values).toEqual(values.toSorted((a, b) => a - b))
  })

  test('titles are sentences, and each stands once in a row of panels', () => {
    for (const { title } of [...panels, ...board.panels]) {
      expect(title).toMatch(/^\p{Lu}|^(work_mem|max_wal_size|shared_buffers|wal_buffers|pgherd)/u)
      expect(title).not.toMatch(/[.!]$/)
      // Capitals are for names and what PostgreSQL writes so.
      expect(title.slice(1)).not.toMatch(
        / (?!(WAL|CPUs?|TLS|ID|IDs|TCP|TOAST|HA|PostgreSQL|Patroni|HAProxy|pgBackRest)\b)\p{Lu}/u,
      )
    }
    expect(new Set(board.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).size).toBe(
      board.panels.filter(({ type }) => type === 'row').length,
    )
  })

  test('no number of a panel comes twice', () => {
    const ids = [...board.panels, ...panels].map(({ id }) => id)
    const rows = board.panels.filter(({ type }) => type === 'row').length
    expect(new Set(ids).size).toBe(panels.length + rows)
  })

  test('panels lie in the grid and none lies on another', () => {
    const taken = new Map<string, string>()
    const lies = ({ title, gridPos: { x, y, w, h } }: Panel): void => {
      expect(x + w, title).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          const place = `${column} ${line}`
          expect(taken.get(place), `${title} at ${place}`).toBeUndefined()
          taken.set(place, title)
        }
      }
    }
    for (const panel of board.panels) lies(panel)
  })

  test('links lead to boards that there are, keep the time, and fill variables that these have', () => {
    for (const { url, keepTime, includeVars } of board.links) {
      expect([keepTime, includeVars]).toEqual([true, true])
      if (url !== undefined) expect([...variables.keys()].map((uid) => `/d/${uid}`)).toContain(url)
    }
    const links = panels.flatMap(({ title, fieldConfig }) =>
      [
        ...(fieldConfig?.defaults.links ?? []),
        ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
          properties.flatMap(({ id, value }) => (id === 'links' ? (value as { url: string }[]) : [])),
        ),
      ].map(({ url }) => ({ title, url })),
    )
    expect(links.length).toBeGreaterThan(0)
    for (const { title, url } of links) {
      const [path = '', query = ''] = url.split('?')
      expect(query, title).toContain('${__url_time_range}')
      expect(query, title).toContain('${datasource:queryparam}')
      const known = variables.get(path.replace('/d/', ''))
      expect(known, `${title}: ${path}`).toBeDefined()
      for (const [, name] of query.matchAll(/var-(\w+)=/g)) expect(known, `${title}: ${url}`).toContain(name)
    }
  })

  test('a link fills its variables from labels that the series have', () => {
    const missing = asking.flatMap(({ title, fieldConfig, targets = [] }) =>
      (fieldConfig?.defaults.links ?? [])
        .flatMap(({ url }) => [...url.matchAll(/__field\.labels\.(\w+)/g)].map(([, label]) => label!))
        .filter((label) => !targets.every(({ expr }) => isKept(label, expr)))
        .map((label) => `${title}: ${label}`),
    )
    expect(missing).toEqual([])
  })

  test('each label of the rows of a table has a column with a title', () => {
    for (const { title, type, targets = [], transformations = [] } of asking) {
      if (type !== 'table') continue
      const { renameByName } = z
        .object({ renameByName: z.record(z.string(), z.string()) })
        .parse(transformations.find(({ id }) => id === 'organize')?.options)
      const kept = targets.flatMap(({ expr }) => /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [])
      expect(
        kept.filter((label) => renameByName[label] === undefined),
        title,
      ).toEqual([])
    }
  })

  test('a legend names labels that the series have', () => {
    for (const { title, type, targets = [] } of asking) {
      for (const { expr, legendFormat } of targets) {
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          expect(isKept(label!, expr), `${title}: ${label!}`).toBe(true)
        }
        if (targets.length > 1 && type !== 'table') expect(legendFormat, title).not.toBe('')
      }
    }
  })

  test('expressions parse, and their selectors are those of the variables', () => {
    for (const { at, expr } of expressionsOf(board)) {
      const used = [...expr.matchAll(/\$(\w+)/g)]
        .map(([, name]) => name!)
        .filter((name) => !name.startsWith('__'))
      for (const name of used) expect(own, `${at}: $${name}`).toContain(name)
      for (const { metric, matchers } of selectorsIn(parseExpression(withAllChosen(expr)))) {
        if (metric !== undefined && withoutServer.test(metric)) continue
        expect(matchers.includes('cls') || matchers.includes('instance'), `${at}: ${metric ?? '?'}`).toBe(
          true,
        )
      }
    }
  })

  test('variables depend on those before them only', () => {
    const before = new Set<string>()
    for (const { name, selector } of variablesOf(board)) {
      parseExpression(withAllChosen(selector))
      for (const [, used] of selector.matchAll(/\$(\w+)/g)) expect(before).toContain(used)
      before.add(name)
    }
  })

  test('its colours are those of the palette', () => {
    const used = JSON.stringify(board.panels).match(/#[0-9A-Fa-f]{6}/g) ?? []
    expect(new Set(Object.values(colours) as string[])).toEqual(
      new Set([...(Object.values(colours) as string[]), ...used]),
    )
  })
})
