import { z } from 'zod'
import { vrrpCounters } from './instance.ts'
import type { VrrpInstance } from './instance.ts'

const instance = z.object({
  data: z.object({
    iname: z.string(),
    ifp_ifname: z.string().default(''),
    vrid: z.number(),
    state: z.number(),
    vips: z.array(z.string()).default([]),
  }),
  stats: z.record(z.string(), z.unknown()).default({}),
})
/** The second form is that of `json_version 2`. */
const dump = z.union([z.array(instance), z.object({ vrrp: z.array(instance) }).transform(({ vrrp }) => vrrp)])

/** Reads keepalived.json. @returns undefined while it is not complete */
export function parseJsonDump(text: string): readonly VrrpInstance[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = dump.safeParse(value)
  return parsed.data?.map(({ data, stats }) => ({
    name: data.iname,
    interface: data.ifp_ifname,
    routerId: data.vrid,
    state: data.state,
    vips: data.vips.map(addressOf),
    counters: new Map(
      vrrpCounters.flatMap(([key]): [string, number][] => {
        const count = stats[key]
        return typeof count === 'number' ? [[key, count]] : []
      }),
    ),
  }))
}

/** The address of `10.9.0.100/24 dev eth0 scope global set`. */
export function addressOf(vip: string): string {
  return vip.trim().split(/[/ ]/, 1)[0]!
}
