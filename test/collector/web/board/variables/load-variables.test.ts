import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { Parameters } from '../../../../../collector/web/api/client.ts'
import { board } from '../../../../../collector/web/board/model/board.ts'
import { loadVariables, selectionsOf } from '../../../../../collector/web/board/variables/load-variables.ts'
import { allForAddress } from '../../../../../collector/web/board/variables/expand.ts'
import { dependentsOf, inOrderOfNeed } from '../../../../../collector/web/board/variables/order.ts'
import { timeVariables } from '../../../../../collector/web/query/query-range.ts'
import { smallBoard } from '../small-board.ts'

const { variables } = board.parse(smallBoard)
const span = { fromMs: 1_000_000, toMs: 2_000_000 }
const idle = new AbortController().signal

/** A collector with two clusters; `asked` collects what it is asked. */
function collector(asked: [string, Parameters][] = []) {
  return {
    get<T>(path: string, parameters: Parameters, answer: z.ZodType<T>): Promise<T> {
      asked.push([path, parameters])
      const isCluster = path.includes('/cls/')
      const isMain = String(parameters['match[]']).includes('pg-main')
      const data = isCluster ? ['pg-shop', 'pg-main'] : isMain ? ['pg-main-10', 'pg-main-2'] : ['pg-shop-1']
      return Promise.resolve(answer.parse({ data }))
    },
  }
}

async function valuesAt(address: string) {
  const loaded = await loadVariables(
    collector(),
    variables,
    new URLSearchParams(address),
    span,
    new Map(),
    idle,
  )
  return Object.fromEntries(
    [...selectionsOf(loaded)].map(([name, { values, isAll }]) => [name, isAll ? 'All' : values.join()]),
  )
}

test('a variable is asked for after those that it depends on, with what they are', async () => {
  expect(inOrderOfNeed(variables).map(({ name }) => name)).toEqual([
    'datasource',
    'cls',
    'ins',
    'top',
    'like',
  ])
  expect([...dependentsOf('cls', variables)]).toEqual(['ins'])
  const asked: [string, Parameters][] = []
  const address = new URLSearchParams('var-cls=pg-main')
  const loaded = await loadVariables(collector(asked), variables, address, span, new Map(), idle)
  expect(asked.map(([path, parameters]) => [path, parameters['match[]']])).toEqual([
    ['api/v1/label/cls/values', 'pg_up'],
    ['api/v1/label/ins/values', 'pg_up{cls=~"pg-main"}'],
  ])
  expect(loaded.find(({ variable }) => variable.name === 'ins')?.choices.map(({ text }) => text)).toEqual([
    'pg-main-2',
    'pg-main-10',
  ])
})

describe('a variable that follows from the time', () => {
  const following = board.parse({
    ...smallBoard,
    templating: {
      list: [
        {
          type: 'query',
          name: 'detail',
          query: {
            query: 'query_result(label_replace(vector($__range_s), "detail", "-", "", ""))',
            refId: 'detail',
          },
          regex: '/detail="([^"]*)"/',
          hide: 2,
          skipUrlSync: true,
        },
      ],
    },
  }).variables
  const asked: Parameters[] = []
  const answering = {
    get<T>(_path: string, parameters: Parameters, answer: z.ZodType<T>): Promise<T> {
      asked.push(parameters)
      const result = [{ metric: { detail: '-' }, value: [2000, '1000'] }]
      return Promise.resolve(answer.parse({ status: 'success', data: { resultType: 'vector', result } }))
    },
  }
  const load = (address: string) =>
    loadVariables(answering, following, new URLSearchParams(address), span, timeVariables(span, 10), idle)

  test('is asked with the time', async () => {
    await load('')
    expect(asked.map(({ query }) => query)).toEqual(['label_replace(vector(1000), "detail", "-", "", "")'])
  })

  test('is what was found, whatever the address says, and stands in no address', async () => {
    const selections = selectionsOf(await load('var-detail=other'))
    expect(selections.get('detail')?.values).toEqual(['-'])
    expect(allForAddress(selections)).toBe('')
  })
})

describe('what is chosen', () => {
  test('is what the board says, where the address says nothing', async () => {
    expect(await valuesAt('')).toEqual({ datasource: '', cls: 'All', ins: 'All', top: '5', like: '' })
  })

  test('is what the address says, several values included', async () => {
    expect(await valuesAt('var-cls=pg-main&var-cls=pg-shop&var-top=20&var-like=a%25')).toMatchObject({
      cls: 'pg-main,pg-shop',
      top: '20',
      like: 'a%',
    })
  })

  test('stays what the address says when it is no choice any more', async () => {
    expect(await valuesAt('var-ins=pg-gone-1')).toMatchObject({ ins: 'pg-gone-1' })
  })

  test('a variable whose choices cannot be had says why, and the others are there', async () => {
    const failing = { get: () => Promise.reject(new Error('no store')) }
    const loaded = await loadVariables(failing, variables, new URLSearchParams(), span, new Map(), idle)
    expect(loaded.map(({ error }) => error)).toEqual([null, 'no store', 'no store', null, null])
    expect(loaded[3]?.choices).toHaveLength(3)
  })
})
