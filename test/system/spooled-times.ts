import { readFileSync } from 'node:fs'
import { z } from 'zod'

const spooledLine = z.object({ msg: z.literal('spooled'), job: z.string(), timestampMs: z.number() })

/** Times (Unix, ms) of the measurements of a job that the agent had on disk before it went on, by its own log. */
export function spooledTimes(logFile: string, job: string): readonly number[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => spooledLine.safeParse(JSON.parse(line)))
    .flatMap(({ data }) => (data?.job === job ? [data.timestampMs] : []))
}
