import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TimelineSwitch } from '../../../../agent/backup/engine/history-file.ts'
import { parseSegment, segmentName } from '../../../../agent/backup/engine/segments.ts'
import { describeGap, walContinuity } from '../../../../agent/backup/engine/wal-continuity.ts'
import type { BackupSet } from '../../../../common/backup/backup-report.ts'

const mebibyte = 1024 * 1024
const bytes = 16 * mebibyte

const name = (timeline: number, number: number, segmentBytes = bytes): string =>
  segmentName({ timeline, number }, segmentBytes)
/** Segment n comes at n seconds. */
const archived = (timeline: number, numbers: readonly number[], segmentBytes = bytes) =>
  numbers.map((number) => ({ name: name(timeline, number, segmentBytes), archivedMs: number * 1000 }))
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Ends at the time of its last segment. */
function backup(timeline: number, start: number, stop = start, segmentBytes = bytes): BackupSet {
  return {
    ...{ label: `${timeline}-${start}F`, type: 'full', repository: 1, startedMs: start * 1000 },
    ...{ finishedMs: stop * 1000, sizeBytes: 1, storedBytes: 1, hasErrors: false, needs: [] },
    walStart: name(timeline, start, segmentBytes),
    walStop: name(timeline, stop, segmentBytes),
  }
}

const none: ReadonlyMap<number, readonly TimelineSwitch[]> = new Map()
const told = (found: ReturnType<typeof walContinuity>) => ({
  gaps: found.gaps.map(describeGap),
  spans: found.spans,
})

describe('WAL of one timeline', () => {
  test('without a gap leads from the first backup to the last segment', () => {
    const wal = { segments: archived(1, range(1, 9)), histories: none, segmentBytes: bytes }
    expect(told(walContinuity(wal, [backup(1, 3), backup(1, 6, 7)]))).toEqual({
      gaps: [],
      spans: [{ fromMs: 4000, toMs: 9000, timeline: 1 }],
    })
  })

  test('with a segment missing leads up to it, and on from the next backup behind it', () => {
    const wal = {
      segments: archived(1, [...range(1, 4), ...range(6, 9)]),
      histories: none,
      segmentBytes: bytes,
    }
    expect(told(walContinuity(wal, [backup(1, 2), backup(1, 7, 8)]))).toEqual({
      gaps: ['000000010000000000000005'],
      spans: [
        { fromMs: 3000, toMs: 4000, timeline: 1 },
        { fromMs: 9000, toMs: 9000, timeline: 1 },
      ],
    })
  })

  test('with several missing in a row has one gap, named by its first and last', () => {
    const wal = { segments: archived(1, [1, 2, 6]), histories: none, segmentBytes: bytes }
    const { gaps } = walContinuity(wal, [backup(1, 1)])
    expect(gaps).toEqual([{ first: '000000010000000000000003', last: '000000010000000000000005', count: 3 }])
    expect(gaps.map(describeGap)).toEqual(['000000010000000000000003..000000010000000000000005'])
  })

  test('may miss what no backup needs', () => {
    const wal = { segments: archived(1, [1, 4, 5, 6]), histories: none, segmentBytes: bytes }
    expect(walContinuity(wal, [backup(1, 4)]).gaps).toEqual([])
  })

  test('that lacks the first segment of a backup does not lead on from it', () => {
    const wal = { segments: archived(1, [4, 5]), histories: none, segmentBytes: bytes }
    expect(told(walContinuity(wal, [backup(1, 3)]))).toEqual({
      gaps: ['000000010000000000000003'],
      spans: [],
    })
  })

  test('leads nowhere without a backup', () => {
    const wal = { segments: archived(1, [1, 3]), histories: none, segmentBytes: bytes }
    expect(told(walContinuity(wal, []))).toEqual({ gaps: [], spans: [] })
  })

  test('goes on in the next log, which with segments of 64 MiB begins behind 3F', () => {
    const size = 64 * mebibyte
    const wal = { segments: archived(1, [62, 63, 64, 66], size), histories: none, segmentBytes: size }
    expect(walContinuity(wal, [backup(1, 62, 62, size)]).gaps.map(describeGap)).toEqual([
      '000000010000000100000001',
    ])
  })
})

describe('WAL of several timelines', () => {
  /** The second timeline left the first one within segment 5. */
  const histories = new Map([[2, [{ timeline: 1, lsn: '0/5000060' }]]])

  test('goes on with the new one in the segment of the switch', () => {
    const segments = [...archived(1, range(1, 4)), ...archived(2, range(5, 8))]
    expect(told(walContinuity({ segments, histories, segmentBytes: bytes }, [backup(1, 2)]))).toEqual({
      gaps: [],
      spans: [{ fromMs: 3000, toMs: 8000, timeline: 2 }],
    })
  })

  test('goes on at the switch when that is the end of a segment', () => {
    const atEnd = new Map([[2, [{ timeline: 1, lsn: '0/6000000' }]]])
    const segments = [...archived(1, range(1, 5)), ...archived(2, range(6, 8))]
    expect(walContinuity({ segments, histories: atEnd, segmentBytes: bytes }, [backup(1, 2)]).gaps).toEqual(
      [],
    )
  })

  test('misses what the old primary wrote before the switch and did not archive', () => {
    const segments = [...archived(1, range(1, 3)), ...archived(2, range(5, 8))]
    expect(told(walContinuity({ segments, histories, segmentBytes: bytes }, [backup(1, 2)]))).toEqual({
      gaps: ['000000010000000000000004'],
      spans: [{ fromMs: 3000, toMs: 3000, timeline: 2 }],
    })
  })

  test('keeps what an old primary archived behind the switch as a way of its own', () => {
    const segments = [...archived(1, range(1, 6)), ...archived(2, range(5, 8))]
    expect(told(walContinuity({ segments, histories, segmentBytes: bytes }, [backup(1, 2)]))).toEqual({
      gaps: [],
      spans: [
        { fromMs: 3000, toMs: 6000, timeline: 1 },
        { fromMs: 3000, toMs: 8000, timeline: 2 },
      ],
    })
  })

  test('does not lead to the new one from a backup that ended behind the switch', () => {
    const segments = [...archived(1, range(1, 6)), ...archived(2, range(5, 8))]
    expect(told(walContinuity({ segments, histories, segmentBytes: bytes }, [backup(1, 6)]))).toEqual({
      gaps: [],
      spans: [{ fromMs: 7000, toMs: 7000, timeline: 1 }],
    })
  })

  test('still leads to the end of the old one while the new one has archived nothing', () => {
    const segments = archived(1, range(1, 4))
    expect(told(walContinuity({ segments, histories, segmentBytes: bytes }, [backup(1, 2)])).spans).toEqual([
      { fromMs: 3000, toMs: 4000, timeline: 1 },
    ])
  })
})

interface World {
  readonly segmentBytes: number
  /** By timeline - 1: whose child it is, and by which segment it left; null for the first. */
  readonly switches: readonly ({ readonly parent: number; readonly at: number } | null)[]
  readonly present: ReadonlySet<string>
  readonly sets: readonly BackupSet[]
}

/** A tree of timelines with a few segments each, from which some are taken away. */
const worlds: fc.Arbitrary<World> = fc
  .record({
    size: fc.constantFrom(mebibyte, bytes, 1024 * mebibyte),
    lengths: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 4 }),
    forks: fc.array(fc.record({ parent: fc.nat(), at: fc.nat() }), { minLength: 4, maxLength: 4 }),
    lost: fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
    backups: fc.array(fc.record({ timeline: fc.nat(), start: fc.nat(), length: fc.nat({ max: 2 }) }), {
      maxLength: 4,
    }),
  })
  .map(({ size, lengths, forks, lost, backups }) => {
    // The end of a log is among them.
    const start = Math.max(1, 2 ** 32 / size - 4)
    const switches: World['switches'][number][] = []
    const spans: { from: number; to: number }[] = []
    for (const [index, length] of lengths.entries()) {
      if (index === 0) {
        switches.push(null)
        spans.push({ from: start, to: start + length })
        continue
      }
      const parent = forks[index]!.parent % index
      const { from, to } = spans[parent]!
      const at = from + (forks[index]!.at % (to - from + 1))
      switches.push({ parent: parent + 1, at })
      spans.push({ from: at, to: at + length })
    }
    const written = spans.flatMap(({ from, to }, index) =>
      range(from, to).map((number) => name(index + 1, number, size)),
    )
    const sets = backups.map(({ timeline, start: begin, length }) => {
      const { from, to } = spans[timeline % spans.length]!
      const first = from + (begin % (to - from + 1))
      return backup((timeline % spans.length) + 1, first, Math.min(to, first + length), size)
    })
    const gone = new Set(lost.map((index) => written[index % written.length]))
    return { segmentBytes: size, switches, present: new Set(written.filter((one) => !gone.has(one))), sets }
  })

function historiesOf({ switches, segmentBytes }: World): Map<number, readonly TimelineSwitch[]> {
  const histories = new Map<number, readonly TimelineSwitch[]>()
  for (const [index, left] of switches.entries()) {
    if (left === null) continue
    const position = left.at * segmentBytes + 0x60
    const lsn = `${Math.floor(position / 2 ** 32).toString(16)}/${(position % 2 ** 32).toString(16)}`
    histories.set(index + 1, [...(histories.get(left.parent) ?? []), { timeline: left.parent, lsn }])
  }
  return histories
}

/** From which timeline recovery takes a segment, one by one. */
function timelineAt(world: World, timeline: number, number: number): number {
  const left = world.switches[timeline - 1]
  return left == null || number >= left.at ? timeline : timelineAt(world, left.parent, number)
}

const look = (world: World) =>
  walContinuity(
    {
      segments: [...world.present].sort().map((one) => {
        const { number } = parseSegment(one, world.segmentBytes)
        return { name: one, archivedMs: number * 1000 }
      }),
      histories: historiesOf(world),
      segmentBytes: world.segmentBytes,
    },
    world.sets,
  )

describe('any archive', () => {
  const at = (world: World, timeline: number, number: number): string =>
    name(timelineAt(world, timeline, number), number, world.segmentBytes)
  const setsOf = (world: World, timeline: number) =>
    world.sets
      .map((set) => ({
        set,
        start: parseSegment(set.walStart!, world.segmentBytes),
        stop: parseSegment(set.walStop!, world.segmentBytes),
      }))
      .filter(({ start, stop }) =>
        [start, stop].every(({ number, timeline: own }) => timelineAt(world, timeline, number) === own),
      )

  test('has those gaps that a walk along each timeline, segment by segment, finds', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const missing = new Set<string>()
        for (const timeline of range(1, world.switches.length)) {
          const starts = setsOf(world, timeline).map(({ start }) => start.number)
          if (starts.length === 0) continue
          const all = [...world.present].map((one) => parseSegment(one, world.segmentBytes).number)
          const last = Math.max(...all.filter((number) => world.present.has(at(world, timeline, number))))
          for (let number = Math.min(...starts); number <= last; number++) {
            if (!world.present.has(at(world, timeline, number))) missing.add(at(world, timeline, number))
          }
        }
        const found = look(world).gaps.flatMap(({ first, count }) => {
          const from = parseSegment(first, world.segmentBytes)
          return range(from.number, from.number + count - 1).map((number) =>
            name(from.timeline, number, world.segmentBytes),
          )
        })
        expect([...new Set(found)].sort()).toEqual([...missing].sort())
      }),
      { numRuns: 400 },
    )
  })

  test('leads over each of its spans from a backup to the end without missing a segment', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { fromMs, toMs, timeline } of look(world).spans) {
          const ways = setsOf(world, timeline).filter(({ set }) => set.finishedMs + 1000 === fromMs)
          const isWhole = ways.some(({ start }) =>
            // A span that begins where it ends may begin in the second behind its last segment.
            range(start.number, toMs / 1000 - (toMs === fromMs ? 1 : 0)).every((number) =>
              world.present.has(at(world, timeline, number)),
            ),
          )
          expect(isWhole).toBe(true)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('has each backup whose segments are there in a run, and no other', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const found = look(world).runs.flatMap(({ timeline, sets }) =>
          sets.map(({ label }) => `${label} to ${timeline}`),
        )
        const whole = range(1, world.switches.length).flatMap((timeline) =>
          setsOf(world, timeline)
            .filter(({ start, stop }) =>
              range(start.number, stop.number).every((number) =>
                world.present.has(at(world, timeline, number)),
              ),
            )
            .map(({ set }) => `${set.label} to ${timeline}`),
        )
        expect(new Set(found)).toEqual(new Set(whole))
      }),
      { numRuns: 400 },
    )
  })
})
