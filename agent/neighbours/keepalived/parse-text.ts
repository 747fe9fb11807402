import { vrrpCounters, vrrpStates } from './instance.ts'
import type { VrrpInstance } from './instance.ts'
import { addressOf } from './parse-json.ts'

/**
 * Reads keepalived.data and keepalived.stats, which every keepalived can write.
 * @returns undefined while they are not complete, or do not tell of the same instances
 */
export function parseTextDumps(data: string, stats: string): readonly VrrpInstance[] | undefined {
  const counters = parseStats(stats)
  const instances = parseData(data).map((one) => ({ ...one, counters: counters.get(one.name) ?? new Map() }))
  const complete = instances.every(
    (one) => one.state >= 0 && one.interface !== '' && one.counters.size === vrrpCounters.length,
  )
  return complete && instances.length === counters.size ? instances : undefined
}

function parseData(text: string): readonly Omit<VrrpInstance, 'counters'>[] {
  const instances: { name: string; interface: string; routerId: number; state: number; vips: string[] }[] = []
  let current: (typeof instances)[number] | undefined
  let vipIndent = 0
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length
    const [, key = '', value = ''] = /^\s*(.*?)\s*(?:=\s*(.*?)|:)?\s*$/.exec(line) ?? []
    if (indent <= 1) {
      current = undefined
      if (key === 'VRRP Instance' && value !== '') {
        current = { name: value, interface: '', routerId: 0, state: -1, vips: [] }
        instances.push(current)
      }
    } else if (current !== undefined) {
      if (vipIndent > 0 && indent > vipIndent) current.vips.push(addressOf(line))
      else vipIndent = 0
      if (key.startsWith('Virtual IP (')) vipIndent = indent
      else if (key === 'Interface') current.interface = value
      else if (key === 'Virtual Router ID') current.routerId = Number(value)
      else if (key === 'State') current.state = vrrpStates.indexOf(value)
    }
  }
  return instances
}

function parseStats(text: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const keys = new Map(vrrpCounters.map(([key, , place]) => [place, key]))
  const instances = new Map<string, Map<string, number>>()
  let current: Map<string, number> | undefined
  let section = ''
  for (const line of text.split('\n')) {
    const [, indent = '', name = '', value = ''] = /^(\s*)([^:]+):\s*(.*?)\s*$/.exec(line) ?? []
    if (name === 'VRRP Instance') {
      current = new Map()
      instances.set(value, current)
    } else if (value === '') {
      section = name
    } else {
      const key = keys.get(indent.length > 2 ? `${section}/${name}` : name)
      if (key !== undefined && /^\d+$/.test(value)) current?.set(key, Number(value))
    }
  }
  return instances
}
