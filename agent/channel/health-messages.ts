import type { HealthMessage, InstanceHealth } from '../../common/health/instance-health.ts'

/** Far below what a frame may have, which is a mebibyte. */
const maxBytes = 256 * 1024
const maxServers = 64

/**
 * The reports of all servers in as few messages as their size allows; the collector takes each server of each message for
 * itself.
 */
export function healthMessages(all: readonly InstanceHealth[], nowMs: number): readonly HealthMessage[] {
  const messages: HealthMessage[] = []
  let servers: InstanceHealth[] = []
  let bytes = 0
  for (const health of all) {
    const size = Buffer.byteLength(JSON.stringify(health))
    if (servers.length > 0 && (bytes + size > maxBytes || servers.length === maxServers)) {
      messages.push({ type: 'health', nowMs, servers })
      servers = []
      bytes = 0
    }
    servers.push(health)
    bytes += size
  }
  if (servers.length > 0) messages.push({ type: 'health', nowMs, servers })
  return messages
}

/** That all servers, as far as there is room for them, are as they were told last. */
export function unchangedMessage(all: readonly InstanceHealth[], nowMs: number): HealthMessage {
  return {
    type: 'health',
    nowMs,
    servers: [],
    unchanged: all.slice(0, maxServers).map(({ server, atMs }) => ({ server, atMs })),
  }
}
