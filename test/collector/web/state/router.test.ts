import { describe, expect, test } from 'vitest'
import { createRouter } from '../../../../collector/web/state/router.ts'
import type { Router } from '../../../../collector/web/state/router.ts'

interface Visit {
  readonly router: Router
  readonly steps: string[]
  readonly back: (href: string) => void
}

/** A router in a window that notes each step, beginning at `href`. */
function open(href: string, base: string): Visit {
  const steps: string[] = []
  const location = { href }
  let pop = (): void => undefined
  const go = (kind: string) => (_data: unknown, _title: string, url?: string | URL | null) => {
    location.href = new URL(String(url), location.href).href
    steps.push(`${kind} ${String(url)}`)
  }
  const router = createRouter(
    {
      location,
      history: { pushState: go('push'), replaceState: go('replace') },
      addEventListener: (_type, listener) => (pop = listener),
    },
    new URL(base),
  )
  return {
    router,
    steps,
    back: (to) => {
      location.href = to
      pop()
    },
  }
}

describe('the router', () => {
  test('reads a deep address from the base on', () => {
    const { router } = open('https://proxy/herd/d/pgherd-wal?var-cls=a', 'https://proxy/herd/')
    expect(router.here().path).toBe('/d/pgherd-wal')
    expect(router.here().search.get('var-cls')).toBe('a')
  })

  test('stays under the path of a proxy', () => {
    const { router, steps } = open('https://proxy/herd/', 'https://proxy/herd/')
    expect(router.link('/c/pg-main')).toBe('/herd/c/pg-main')
    router.navigate('/alerts?severity=CRIT')
    expect(steps).toEqual(['push /herd/alerts?severity=CRIT'])
    expect(router.here().path).toBe('/alerts')
    expect(router.own(new URL('https://proxy/herd/c/a?x=1'))).toBe('/c/a?x=1')
    expect(router.own(new URL('https://proxy/other'))).toBeNull()
    expect(router.own(new URL('https://elsewhere/herd/c/a'))).toBeNull()
  })

  test('tells of moves, also those of the Back button, until the listener leaves', () => {
    const { router, back } = open('http://here/', 'http://here/')
    const seen: string[] = []
    const leave = router.onMove(() => seen.push(router.here().path))
    router.navigate('/backups')
    back('http://here/')
    leave()
    router.navigate('/tuning')
    expect(seen).toEqual(['/backups', '/'])
  })

  test('takes no step to where it is, and none back from a replaced one', () => {
    const { router, steps } = open('http://here/alerts', 'http://here/')
    router.navigate('/alerts')
    router.navigate('/alerts?severity=WARN', { replace: true })
    expect(steps).toEqual(['replace /alerts?severity=WARN'])
    expect(router.here().search.get('severity')).toBe('WARN')
  })

  test('keeps the same place until it moves', () => {
    const { router } = open('http://here/', 'http://here/')
    expect(router.here()).toBe(router.here())
  })
})
