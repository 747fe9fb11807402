import { parseDocument } from 'yaml'
import { z } from 'zod'
import type { FoundNeighbour } from './found.ts'
import { argumentOf, pathOf, readIfAllowed } from './running-process.ts'
import type { RunningProcess } from './running-process.ts'

/** The etcds of this host, by command line, environment (ETCD_...) and file: etcd, "Configuration options". */
export function findEtcds(processes: readonly RunningProcess[]): readonly FoundNeighbour[] {
  return processes
    .filter(({ name, isContained }) => name === 'etcd' && !isContained)
    .map((running) => {
      const option = optionsOf(running)
      const urls = [option('listen-metrics-urls'), option('listen-client-urls')]
        .flatMap((list) => (list ?? '').split(','))
        .filter((url) => URL.canParse(url))
      const loopback = urls.find((url) => /\/\/(127\.|localhost|0\.0\.0\.0|\[::1?\])/.test(url))
      const chosen = new URL(loopback ?? urls[0] ?? 'http://127.0.0.1:2379')
      if (['0.0.0.0', '[::]'].includes(chosen.hostname)) chosen.hostname = '127.0.0.1'
      const ca = option('trusted-ca-file') ?? option('cert-file')
      const isTls = chosen.protocol === 'https:'
      const wantsCertificate = isTls && option('client-cert-auth') === 'true'
      return {
        what: `etcd (${chosen.origin})`,
        entry: {
          kind: 'etcd',
          url: new URL('/metrics', chosen).href,
          ...(isTls && ca !== undefined ? { ca_file: pathOf(running, ca) } : {}),
        },
        lacks: wantsCertificate
          ? 'it wants a certificate of its clients: add cert_file and key_file that the agent may read, or give etcd --listen-metrics-urls=http://127.0.0.1:2381'
          : undefined,
      }
    })
}

function optionsOf(running: RunningProcess): (name: string) => string | undefined {
  const environment = running.environment()
  const file = argumentOf(running.argv, '--config-file') ?? environment.get('ETCD_CONFIG_FILE')
  if (file !== undefined) {
    // With a file etcd reads nothing else.
    const transport = z.record(z.string(), z.unknown())
    const document = parseDocument(readIfAllowed(pathOf(running, file)) ?? '')
    const read = transport.safeParse(document.errors.length === 0 ? document.toJS() : {}).data ?? {}
    const security = transport.safeParse(read['client-transport-security']).data ?? {}
    return (name) => {
      const value = read[name] ?? security[name]
      return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
    }
  }
  return (name) =>
    argumentOf(running.argv, `--${name}`) ??
    environment.get(`ETCD_${name.toUpperCase().replaceAll('-', '_')}`)
}
