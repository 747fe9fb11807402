import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ActionContext, ActionDone } from '../action.ts'
import { whileLooking } from '../while-looking.ts'
import type { PatroniClient } from './client.ts'
import { clusterDocument } from './documents.ts'
import { expectAnswer } from './expect-answer.ts'
import { watchLeader } from './leader-watch.ts'
import { describeMember, follows, leaderOf } from './members.ts'
import type { Situation } from './situation.ts'

/** What `verify` goes by, told as a result: between both nothing else is kept. */
const facts = z.object({
  from: z.string().nullable(),
  to: z.string().nullable(),
  timeline_before: z.int().nullable(),
  ms_without_leader: z.number().nullable(),
  forced_against: z.array(z.string()),
  /** The old leader answered before: then it has to follow. */
  from_answered: z.boolean(),
})

const lookMs = 500
const untilLeaderMs = 30_000
const untilFollowingMs = 60_000
/** A leader that was dead before may come back at once, or not today. */
const untilDeadFollowsMs = 5_000

/**
 * Posts a switchover or failover and watches all members meanwhile, for Patroni answers late.
 * @param forcedText half a sentence for the result
 */
export async function handOver(
  context: ActionContext,
  patroni: PatroniClient,
  situation: Situation,
  request: {
    readonly path: '/switchover' | '/failover'
    readonly body: Readonly<Record<string, string>>
    readonly problems: readonly string[]
    readonly forcedText: string
  },
): Promise<ActionDone> {
  const { clock, signal } = context
  const { leader, members, settings } = situation
  const from = leader?.name
  const watch = watchLeader({ clock, patroni }, members, from)
  try {
    const timeoutMs = 2_000 * Math.max(10, settings.loopWaitSeconds) + 10_000
    const posting = patroni.change('POST', request.path, request.body, { timeoutMs, signal })
    const answer = await whileLooking(context, posting, () => {
      context.progress(null, watch.describe())
      return Promise.resolve()
    }).catch((error: unknown) => {
      throw goesOn(error)
    })
    expectAnswer(answer, [200, 202])
    if (answer.status === 202) {
      return { message: `Patroni: ${answer.text}.${request.forcedText}`, output: [] }
    }
    const untilMs = clock.monotonic() + untilLeaderMs
    while (watch.leader() === undefined && clock.monotonic() < untilMs && !signal.aborted) {
      await clock.sleep(lookMs, signal)
    }
    const gapMs = watch.gapMs()
    const gap =
      gapMs === undefined
        ? 'how long nobody led was not seen'
        : `nobody led for ${(gapMs / 1000).toFixed(1)} s, within ${watch.resolutionMs} ms`
    const found: z.infer<typeof facts> = {
      from: from ?? null,
      to: watch.leader() ?? null,
      timeline_before: leader?.timeline ?? null,
      ms_without_leader: gapMs === undefined ? null : Math.round(gapMs),
      forced_against: [...request.problems],
      from_answered: from !== undefined && situation.nodes.get(from)?.state === 'running',
    }
    return {
      message: `Patroni: ${answer.text}; ${gap}.${request.forcedText}`,
      output: [{ type: 'facts', title: situation.scope, facts: found }],
    }
  } finally {
    await watch.stop()
  }
}

/**
 * Waits until the new leader is known and the old one follows it on its timeline; for one that did not answer before the hand-over
 * only a moment, and then tells that it does not follow. @throws PgherdError COMMAND_FAILED, CANCELLED
 */
export async function verifyHandOver(
  context: ActionContext,
  patroni: PatroniClient,
  done: ActionDone,
): Promise<readonly string[]> {
  const { clock, signal } = context
  const [output] = done.output
  if (output?.type !== 'facts') return []
  const { from, to, from_answered: fromAnswered } = facts.parse(output.facts)
  const beganMs = clock.monotonic()
  const untilMs = beganMs + untilFollowingMs
  for (;;) {
    const { members } = clusterDocument.parse(await patroni.get('/cluster'))
    const leader = leaderOf(members)
    const old = members.find(({ name }) => name === from)
    const isNew = leader !== undefined && leader.name !== from && (to === null || leader.name === to)
    const isFollowing = old === undefined || from === null || follows(old, leader)
    const isGivenUp = !fromAnswered && clock.monotonic() - beganMs >= untilDeadFollowsMs
    if (isNew && leader.state === 'running' && (isFollowing || isGivenUp)) {
      return [
        ...(isFollowing
          ? []
          : [
              `${from}, which did not answer before, does not follow yet: it must not come back as a primary`,
            ]),
        `${leader.name} leads on timeline ${leader.timeline ?? 'unknown'}`,
        ...members.filter((member) => member !== leader).map(describeMember),
      ]
    }
    context.progress(null, members.map(describeMember).join('; '))
    signal.throwIfAborted()
    if (clock.monotonic() >= untilMs) {
      throw new PgherdError(
        'COMMAND_FAILED',
        `after ${untilFollowingMs / 1000} s it was not as it should be: ${members.map(describeMember).join('; ')}`,
      )
    }
    await clock.sleep(lookMs, signal)
  }
}

/** Whoever stops waiting has not stopped Patroni. */
function goesOn(error: unknown): unknown {
  if (!(error instanceof PgherdError)) return error
  if (error.code !== 'CANCELLED' && error.code !== 'TIMED_OUT') return error
  const message = `${error.message}; Patroni was asked, and may go on with it (agentctl ha list)`
  return new PgherdError(error.code, message, { cause: error })
}
