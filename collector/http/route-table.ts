import type { FastifyInstance } from 'fastify'
import type { NeededRole } from './auth/needed-role.ts'
import { isUnder } from './mounts.ts'
import type { Mount } from './mounts.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The part of the API that the route belongs to. */
    mount?: Mount
  }
}

export interface Route {
  readonly method: string
  /** Fastify's pattern, without the prefixes of its mount: `/api/v1/label/:name/values`. */
  readonly path: string
  readonly mount: Mount
  /** Undefined for one that answers nobody. */
  readonly role: NeededRole | undefined
}

export interface RouteTable {
  /**
   * Notes every route that is added to the scope from now on, and marks it with its mount.
   * @param role who may use a route that does not say
   */
  watch(scope: FastifyInstance, mount: Mount, role: NeededRole | undefined): void
  /** Every method of every path, without the HEAD that comes with each GET. */
  routes(): readonly Route[]
  /** The methods that a path takes under a prefix, sorted; none where nothing answers it. */
  methodsOf(prefix: string, path: string): readonly string[]
}

export function createRouteTable(): RouteTable {
  const all = new Map<
    string,
    { readonly mount: Mount; readonly methods: Map<string, NeededRole | undefined> }
  >()
  const patterns = new Map<string, RegExp>()
  const matches = (pattern: string, path: string): boolean => {
    if (!/[:*]/.test(pattern)) return pattern === path
    let compiled = patterns.get(pattern)
    if (compiled === undefined) patterns.set(pattern, (compiled = compile(pattern)))
    return compiled.test(path)
  }
  return {
    watch: (scope, mount, role) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...(role === undefined ? {} : { role }), ...route.config, mount }
        // The page at addresses that may be the API's too.
        if (route.constraints !== undefined) return
        const known = all.get(route.url) ?? { mount, methods: new Map() }
        for (const name of [route.method].flat()) known.methods.set(name, route.config.role)
        all.set(route.url, known)
      })
    },
    routes: () =>
      [...all].flatMap(([path, { mount, methods }]) =>
        [...methods]
          .filter(([method]) => method !== 'HEAD')
          .map(([method, role]) => ({ method, path, mount, role })),
      ),
    methodsOf: (prefix, path) => {
      const found = [...all].filter(
        ([pattern, { mount }]) => isUnder(mount, prefix) && matches(pattern, path),
      )
      return [...new Set(found.flatMap(([, { methods }]) => [...methods.keys()]))].sort()
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
