import { MiB } from '../../recommend/sizes.ts'

/** Every number of the rules of replication, with its source; see ../wal/constants.ts for the words. */
export const constants = {
  /** Judgement: what a slot may keep, of what is free where WAL is; and how much more than those in use really kept it has to be. */
  slotShareOfFree: 0.5,
  slotOfUsed: 2,
  /** Judgement: what a slot that nobody reads may keep of the whole disk before it is told. */
  abandonedShareOfDisk: 0.1,
  /** Judgement: a standby that is away so long still finds its WAL, seconds, as far as so much of the disk suffices. */
  keptSeconds: 3600,
  keptShareOfDisk: 0.1,
  keptStep: 2,
  /** Judgement: the share of looks at which a standby did not stream. */
  awayShare: 0.5,

  /** Judgement: what a part of the way to a standby may lag. */
  lagBytes: 16 * MiB,
  lagSeconds: 5,
  /** Manual, maintenance_io_concurrency: what recovery prefetches. Judgement, as in the baseline: where more of it does nothing. */
  ioConcurrencyStep: 2,
  ioConcurrencyMost: { before18: 100, since18: 64 },

  /** Judgement: queries of a standby that its replay cancels, per hour, and at all. */
  conflictsPerHour: 10,
  conflicts: 10,
  delayStep: 2,
  /** Judgement: a standby that waits longer is not of use to those who want to take it over, milliseconds. */
  delayMostMs: 600_000,

  /** Judgement. */
  moreWorkers: 4,
  withoutWorkerShare: 0.5,
  /** Judgement: of the places for WAL senders or slots. */
  placesUsed: 0.8,
  morePlaces: 5,

  /** Judgement: long enough for each monthly job to have come by; and how much of it has to be known. */
  logicalDays: 30,
  knownShare: 0.8,
} as const
