/**
 * The numbers of pool sizes. "Little" is Little's law; "measured": 60 clients of a write transaction on 2 processors did 978 transactions per second with a
 * pool of 4, 1520 with 8, 1749 with 32 and 1987 with 60, so that no multiple of processors is right for all; the others are judgement.
 */
export const constants = {
  /** Little: sessions in use are transactions per second times their length; so much more is room for their variation. */
  room: 1.3,
  /** In so many of the looks clients waited, or one for so long: then the pool is too small. */
  waitingShare: 0.1,
  longWaitMs: 500,
  up: 1.25,
  /** In use at most this part of a pool, and nobody waits: then it is too large. */
  idleShare: 0.5,
  down: 0.8,
  leastPool: 4,
  fewestLooks: 5,
  /** Above it more sessions only wait for a processor. */
  busyProcessors: 0.75,
  activePerProcessor: 4,
  /** Processors this busy, with sessions that wait for each other: fewer at once do more. Not below twice the processors and one. */
  hotProcessors: 0.85,
  lockWaits: 0.1,
  /** Sessions beside the pooler: what is seen, a fifth more, and a few for people. */
  othersRoom: 1.2,
  spare: 5,
  reserveShare: 0.15,
  reserveTimeoutSeconds: 5,
  /** How long a client waits for a connection until it is told: an application has given up by then. */
  queryWaitSeconds: { oltp: 30, crit: 30 },
  queryWaitAlways: 120,
  serverLifetimeSeconds: 3600,
  clientsRoom: 1.5,
  filesBeside: 200,
  preparedStatements: 200,
  /** One process uses one processor. */
  busyProcess: 0.7,
} as const
