/** Where a timeline was left for the next one: at this position everything before is the parent's. */
export interface TimelineSwitch {
  /** The one that was left. */
  readonly timeline: number
  /** Such as `0/3000060`. */
  readonly lsn: string
}

const line = /^\s*(\d+)\s+([0-9A-F]{1,8}\/[0-9A-F]{1,8})\b/i

/**
 * Reads a timeline's history file: its ancestors, the oldest first. Comments and empty lines are ignored, as PostgreSQL does
 * (timeline.c, readTimeLineHistory).
 */
export function parseHistory(text: string): readonly TimelineSwitch[] {
  return text.split('\n').flatMap((row) => {
    const [, timeline, lsn] = line.exec(row) ?? []
    return timeline === undefined || lsn === undefined
      ? []
      : [{ timeline: Number(timeline), lsn: lsn.toUpperCase() }]
  })
}
