import type { FastifyInstance } from 'fastify'

export interface Route {
  readonly method: string
  /** Fastify's pattern, with the prefix under which it is mounted: `/api/v1/label/:name/values`. */
  readonly path: string
}

export interface RouteTable {
  /** Every method of every path, without the HEAD that comes with each GET. */
  routes(): readonly Route[]
  /** The methods that a path takes, sorted; none where nothing answers it. */
  methodsOf(path: string): readonly string[]
}

/** Notes every route of the server; call it before any is added. */
export function createRouteTable(app: FastifyInstance): RouteTable {
  const all = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ method, url }) => {
    const methods = all.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    all.set(url, methods)
  })
  const patterns = new Map<string, RegExp>()
  const matches = (pattern: string, path: string): boolean => {
    if (!/[:*]/.test(pattern)) return pattern === path
    let compiled = patterns.get(pattern)
    if (compiled === undefined) patterns.set(pattern, (compiled = compile(pattern)))
    return compiled.test(path)
  }
  return {
    routes: () =>
      [...all].flatMap(([path, methods]) =>
        [...methods].filter((method) => method !== 'HEAD').map((method) => ({ method, path })),
      ),
    methodsOf: (path) => {
      const found = [...all].filter(([pattern]) => matches(pattern, path))
      return [...new Set(found.flatMap(([, methods]) => [...methods]))].sort()
    },
  }
}

function compile(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((part) => {
      if (part === '*') return '.*'
      return part
        .split(/(:[A-Za-z]+)/)
        .map((text) => (text.startsWith(':') ? '[^/]+' : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
        .join('')
    })
    .join('/')
  return new RegExp(`^${source}$`)
}
