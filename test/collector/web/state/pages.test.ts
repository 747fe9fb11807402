import { expect, test } from 'vitest'
import { parsePath } from '../../../../collector/web/state/pages.ts'

test.each([
  ['/', { page: 'fleet' }],
  ['/alerts', { page: 'alerts' }],
  ['/tuning', { page: 'tuning' }],
  ['/c/pg-main', { page: 'cluster', cluster: 'pg-main' }],
  ['/c/a%2Fb%20c', { page: 'cluster', cluster: 'a/b c' }],
  ['/d/pgherd-wal', { page: 'board', uid: 'pgherd-wal' }],
  ['/c/', { page: 'missing', path: '/c/' }],
  ['/c/a/b', { page: 'missing', path: '/c/a/b' }],
  ['/c/%E0%A4%A', { page: 'missing', path: '/c/%E0%A4%A' }],
  ['/nothing', { page: 'missing', path: '/nothing' }],
])('%s is %o', (path, route) => expect(parsePath(path)).toEqual(route))
