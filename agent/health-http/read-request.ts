/** What a request's target asks: of which server, whether through its poolers, which path, with which parameters. */
export interface HealthRequest {
  /** The ins label; undefined for the agent's first server. */
  readonly server: string | undefined
  /** The poolers must let connections through, or the answer is 503. */
  readonly throughPooler: boolean
  readonly path: string
  readonly parameters: ReadonlyMap<string, string>
  /** The first parameter that was given twice. */
  readonly repeated: string | undefined
}

const serverPrefix = /^\/servers\/([^/]+)(\/.*)?$/
const poolerPrefix = /^\/pooled(\/.*)?$/

/**
 * @param target - as the request line has it, such as `/servers/pg-main-1/pooled/replica?lag=1MB`
 * @returns undefined for a target that cannot be read
 */
export function readRequest(target: string): HealthRequest | undefined {
  const question = target.indexOf('?')
  let path = question < 0 ? target : target.slice(0, question)
  let server: string | undefined
  const named = serverPrefix.exec(path)
  if (named !== null) {
    server = decode(named[1] ?? '')
    if (server === undefined) return undefined
    path = named[2] ?? '/'
  }
  const pooled = poolerPrefix.exec(path)
  if (pooled !== null) path = pooled[1] ?? '/'
  if (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1)
  const parameters = new Map<string, string>()
  let repeated: string | undefined
  if (question >= 0) {
    for (const [key, value] of new URLSearchParams(target.slice(question + 1))) {
      if (parameters.has(key)) repeated ??= key
      else parameters.set(key, value)
    }
  }
  return { server, throughPooler: pooled !== null, path, parameters, repeated }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
