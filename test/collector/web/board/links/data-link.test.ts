import { describe, expect, test } from 'vitest'
import { tableFrame } from '../../../../../collector/web/board/data/frames-of-answer.ts'
import { transformFrames } from '../../../../../collector/web/board/data/transform.ts'
import { transformation } from '../../../../../collector/web/board/model/transformation.ts'
import { destinationOf, withParameters } from '../../../../../collector/web/board/links/address.ts'
import { resolveLink } from '../../../../../collector/web/board/links/data-link.ts'

const frame = tableFrame(
  [
    { metric: { ins: 'a/1', cls: 'x y' }, value: [10, '5'] },
    { metric: { ins: 'b', cls: 'z' }, value: [10, '7'] },
  ],
  'A',
  'Value',
)
const selection = { name: 'cls', values: ['x', 'y'], isAll: false, allValue: null, isPattern: true }
const scope = { selections: new Map([['cls', selection]]), texts: new Map<string, string>() }
const subject = { frame, field: frame.fields[2]!, row: 0, text: 'A one', displayName: 'Server' }
const pathOf = (url: string): string | undefined => {
  const resolved = resolveLink({ title: '', url, targetBlank: false }, scope, 'from=now-1h&to=now', subject)
  return resolved?.destination.kind === 'here' ? resolved.destination.path : undefined
}

describe('a link of a cell', () => {
  test.each([
    ['/d/i?var-ins=${__value.raw}&${__url_time_range}', '/d/i?var-ins=a%2F1&from=now-1h&to=now'],
    ['/d/i?var-cls=${__data.fields.cls}&${cls:queryparam}', '/d/i?var-cls=x%20y&var-cls=x&var-cls=y'],
    ['/d/i?v=${__data.fields["Value"]}', '/d/i?v=5'],
    ['/d/i?t=${__value.text}&n=${__field.name}', '/d/i?t=A%20one&n=ins'],
    ['/d/i?${__all_variables}', '/d/i?var-cls=x&var-cls=y'],
  ])('%s', (url, expected) => {
    expect(pathOf(url)).toBe(expected)
  })
})

test('a link speaks of a column by the name that it came with, though it was renamed', () => {
  const [renamed] = transformFrames(
    [frame],
    [
      transformation.parse({
        id: 'organize',
        options: { renameByName: { ins: 'Server' } },
      }),
    ],
  )
  const link = { title: '', url: '/d/i?a=${__data.fields.ins}&b=${__data.fields.Server}', targetBlank: false }
  const about = { ...subject, frame: renamed!, field: renamed!.fields[2]! }
  expect(resolveLink(link, scope, '', about)?.destination).toEqual({
    kind: 'here',
    path: '/d/i?a=a%2F1&b=a%2F1',
  })
})

test('a link of a series has its labels', () => {
  const field = { name: 'Value', labels: { cls: 'm&n' }, kind: 'number', values: [1], legend: 'm' } as const
  const link = {
    title: 'To ${__field.labels.cls}',
    url: 'd/c?var-cls=${__field.labels.cls}',
    targetBlank: true,
  }
  expect(resolveLink(link, scope, '', { ...subject, field, row: null })).toEqual({
    title: 'To m&n',
    destination: { kind: 'here', path: '/d/c?var-cls=m%26n' },
    isNewTab: true,
  })
})

test.each([
  ['https://example.org/x?a=1', 'elsewhere'],
  ['/d/pgherd-fleet', 'here'],
  ['explore?q=up', 'here'],
  ['//example.org/x', undefined],
  ['/\t/example.org/x', undefined],
  ['/\n\\example.org/x', undefined],
  ['java\nscript:alert(1)', undefined],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['https://', undefined],
])('%s leads %s', (address, kind) => {
  expect(destinationOf(address)?.kind).toBe(kind)
})

test.each([
  ['/d/x', 'a=1', '/d/x?a=1'],
  ['/d/x?b=2', 'a=1', '/d/x?b=2&a=1'],
  ['/d/x?b=2&', 'a=1', '/d/x?b=2&a=1'],
  ['/d/x#y', 'a=1', '/d/x?a=1#y'],
  ['/d/x', '', '/d/x'],
])('%s with %s', (address, parameters, expected) => {
  expect(withParameters(address, parameters)).toBe(expected)
})
