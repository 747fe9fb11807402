import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { orNothing } from '../../../common/or-nothing.ts'
import type { FoundNeighbour } from './found.ts'
import { pathOf, readIfAllowed } from './running-process.ts'
import type { RunningProcess } from './running-process.ts'

/** What makes HAProxy tell its figures; a port of its own on loopback, as haproxy_exporter had. */
const lines =
  'frontend metrics; bind 127.0.0.1:9101; mode http; http-request use-service prometheus-exporter if { path /metrics }'

/** The HAProxys of this host, by their files: where one tells its figures, or what that takes. */
export function findHaproxies(processes: readonly RunningProcess[]): readonly FoundNeighbour[] {
  const found = new Map<string, FoundNeighbour>()
  // A master and its workers have the same command line.
  for (const running of processes.filter(({ name, isContained }) => name === 'haproxy' && !isContained)) {
    const files = filesOf(running)
    const what = `HAProxy (${files.join(', ')})`
    const text = files.map((file) => readIfAllowed(file) ?? '').join('\n')
    const url = exporterIn(text)
    found.set(files.join(), {
      what,
      entry: { kind: 'haproxy', ...(url === undefined ? {} : { url }) },
      lacks:
        url !== undefined
          ? undefined
          : text.trim() === ''
            ? 'its file cannot be read'
            : `it tells no figures; these lines make it: ${lines}`,
    })
  }
  return [...found.values()]
}

function filesOf(running: RunningProcess): readonly string[] {
  const files: string[] = []
  for (const [i, word] of running.argv.entries()) {
    const next = running.argv[i + 1]
    if (word !== '-f' || next === undefined) continue
    const path = pathOf(running, next)
    const isDirectory = orNothing(() => statSync(path))?.isDirectory() === true
    if (!isDirectory) files.push(path)
    else
      files.push(
        ...(orNothing(() => readdirSync(path)) ?? [])
          .filter((name) => name.endsWith('.cfg'))
          .sort()
          .map((name) => join(path, name)),
      )
  }
  return files
}

/** The address of the section that uses the service, and the path that it is under. */
function exporterIn(text: string): string | undefined {
  for (const section of text.split(/^(?=(?:frontend|listen|defaults|backend|global)\b)/m)) {
    const line = /^\s*http-request\s+use-service\s+prometheus-exporter(.*)$/m.exec(section)
    if (line === null) continue
    const [, address = '', rest = ''] = /^\s*bind\s+(\S+)(.*)$/m.exec(section) ?? []
    const [, host = '', port] = /^(.*):(\d+)$/.exec(address) ?? []
    if (port === undefined) continue
    const [, path = '/metrics'] = /path(?:_beg)?\s+(\/\S*)/.exec(line[1] ?? '') ?? []
    const name = ['', '*', '0.0.0.0', '::', '[::]'].includes(host) ? '127.0.0.1' : host
    return `${/\bssl\b/.test(rest) ? 'https' : 'http'}://${name}:${port}${path}`
  }
  return undefined
}
