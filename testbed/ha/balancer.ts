import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from './host.ts'
import { poolerPort } from './pooler.ts'
import { startService } from './service.ts'
import type { Service } from './service.ts'

/** What HAProxy asks each member to learn where to send clients. */
export interface HealthCheck {
  readonly port: number
  readonly writerPath: string
  readonly readerPath: string
}

export const patroniCheck: HealthCheck = { port: 8008, writerPath: '/primary', readerPath: '/replica' }

export interface Balancer {
  readonly address: string
  readonly writerPort: number
  readonly readerPort: number
  /** Of its admin socket, which `socat` and agents read. */
  readonly socket: string
  readonly service: Service
  /** Restarts it with another check; connections end. */
  useCheck(check: HealthCheck): Promise<void>
}

/** Starts HAProxy on the host that is the switch, so that no fault of a member touches it. */
export async function startBalancer(options: {
  readonly host: Host
  readonly address: string
  readonly directory: string
  readonly command: string
  /** Address by name. */
  readonly members: ReadonlyMap<string, string>
  readonly check: HealthCheck
  /** Where clients are led: through the member's pgBouncer, or to its PostgreSQL. */
  readonly route: 'pooler' | 'postgres'
}): Promise<Balancer> {
  const { directory } = options
  const file = join(directory, 'haproxy.cfg')
  const socket = join(directory, 'haproxy.sock')
  const [writerPort, readerPort] = [5000, 5001]
  const target = options.route === 'pooler' ? poolerPort : 5432
  const listen = (name: string, port: number, path: string, check: HealthCheck): string =>
    [
      `listen ${name}`,
      `  bind ${options.address}:${port}`,
      `  option httpchk OPTIONS ${path}`,
      '  http-check expect status 200',
      '  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions',
      ...[...options.members].map(
        ([member, address]) => `  server ${member} ${address}:${target} check port ${check.port}`,
      ),
      '',
    ].join('\n')
  const write = (check: HealthCheck): void =>
    writeFileSync(
      file,
      `global
  maxconn 200
  stats socket ${socket} mode 660 level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 1s
  retries 1
${listen('writer', writerPort, check.writerPath, check)}${listen('reader', readerPort, check.readerPath, check)}`,
    )
  write(options.check)
  const service = await startService(options.host, {
    name: 'HAProxy',
    command: options.command,
    args: ['-db', '-f', file],
    logFile: join(directory, 'haproxy.log'),
  })
  return {
    address: options.address,
    writerPort,
    readerPort,
    socket,
    service,
    async useCheck(check) {
      write(check)
      await service.stop('SIGKILL')
      await service.start()
    },
  }
}
