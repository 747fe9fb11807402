import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import type { ChangeRequest } from '../../../common/tuning/change-request.ts'
import { applySettings } from '../apply-settings.ts'
import type { TunedServer } from '../apply-settings.ts'
import type { NotedChange } from '../noted-change.ts'
import type { SettingsPlan } from '../plan-settings.ts'
import { readSettings } from '../read-settings.ts'
import { goOn } from './begin-watching.ts'
import type { ChangeAsked } from './change-asked.ts'
import { isOpen, namesOf, tellChange } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import type { ChangeWork } from './change-work.ts'
import { setState, takeChangeBack } from './finish-change.ts'
import { guardLimits } from './guard/guard-limits.ts'
import type { GuardBaseline } from './guard/guard-sample.ts'
import { measureBefore } from './guard/measure-before.ts'
import { planChange, withTuned } from './plan-change.ts'
import type { ChangePlan } from './plan-change.ts'
import { hashOfOthers, readPlace } from './snapshot.ts'

export interface ApplyOptions {
  /** Id of the command, which becomes that of the change. */
  readonly command: string
  readonly mustUndo: (noted: { readonly server: string; readonly change: string }) => Promise<void>
}

/**
 * Looks at the server for a while, changes the settings, looks whether it has taken them, and leaves the change to its guard. It is on the
 * disk before the first statement. When it fails, what was changed is taken back at once.
 * @throws PgherdError REFUSED or of the journal with nothing changed, COMMAND_FAILED and others with everything taken back, or what
 * could not be is told
 */
export async function applyChange(
  work: ChangeWork,
  asked: ChangeAsked,
  request: ChangeRequest,
  options: ApplyOptions,
): Promise<TuneChange> {
  const { journal, clock } = work
  const { server } = asked
  const planned = await inPlan(work, asked, request, (tuned) => planChange(tuned, request))
  refuseIf([...planned.plan.refusals, ...busyWith(journal.of(server), planned)])
  if (planned.plan.settings.every(({ state }) => state !== 'change')) {
    return nothingDone(asked, options, planned, clock.now())
  }
  const baseline = await lookFirst(work, asked, request)
  const usual = request.guard.windowSeconds === 0 ? {} : await work.usual(server)
  let record: ChangeRecord | undefined
  const [result] = await Promise.allSettled([
    inPlan(work, asked, request, async (tuned, scope) => {
      // Somebody may have changed something during that look.
      const again = await planChange(tuned, request)
      refuseIf(again.plan.refusals)
      asked.progress(null, 'changes the settings')
      await applySettings(tuned, again.request.wanted, {
        replaces: true,
        async mustUndo(noted) {
          const begun = await recordOf({ work, asked, request, tuned, planned: again, noted, scope, options })
          await journal.put({ ...begun, baseline, usual })
          record = { ...begun, baseline, usual }
          await options.mustUndo({ server, change: options.command })
        },
      })
      return again.plan
    }),
  ])
  if (result.status === 'rejected') {
    if (record === undefined) throw result.reason
    return failed(work, asked, record, result.reason)
  }
  if (record === undefined) return nothingDone(asked, options, planned, clock.now())
  return tellChange(await goOn(work, record, statesAfter(result.value)))
}

/** What `applySettings` has changed it has also seen there. */
function statesAfter({ settings }: SettingsPlan) {
  return settings
    .filter(({ state }) => state === 'change')
    .map(({ name, needsRestart }) => ({
      name,
      state: needsRestart ? ('staged' as const) : ('as-wanted' as const),
    }))
}

function refuseIf(refusals: readonly string[]): void {
  if (refusals.length > 0) throw new PgherdError('REFUSED', `${refusals.join('; ')}. Nothing was changed.`)
}

/** Why not now: one change at a time, so that it is known which one made a difference. */
export function busyWith(
  changes: readonly ChangeRecord[],
  { request }: Pick<ChangePlan, 'request'>,
): readonly string[] {
  const names = new Set(request.wanted.map(({ name }) => name))
  return changes.filter(isOpen).flatMap((one) => {
    const { id, state, untilMs } = one
    if (state === 'waits-for-restart') {
      const same = namesOf(one).filter((name) => names.has(name))
      return same.length === 0
        ? []
        : [`the change ${id} of ${same.join(' and ')} waits for a restart: restart, or take it back first`]
    }
    const until = untilMs === null ? '' : ` until ${new Date(untilMs).toISOString().slice(0, 19)}Z`
    return [
      `the change ${id} is ${state}${until}: one at a time, or nobody would know which of them made a difference`,
    ]
  })
}

async function lookFirst(
  work: ChangeWork,
  asked: ChangeAsked,
  { guard }: ChangeRequest,
): Promise<GuardBaseline | null> {
  if (guard.windowSeconds === 0) return null
  const seconds = guard.baselineSeconds ?? guardLimits.baselineSeconds
  await using session = await work.openLook(asked.server)
  return await measureBefore(session, {
    seconds,
    // Two looks at least.
    lookMs: Math.min(work.lookMs, seconds * 500),
    clock: work.clock,
    signal: asked.signal,
    progress: (percent) => asked.progress(percent, `looks for ${seconds} s at what the server does before`),
  })
}

async function recordOf(about: {
  readonly work: ChangeWork
  readonly asked: ChangeAsked
  readonly request: ChangeRequest
  readonly tuned: TunedServer
  readonly planned: ChangePlan
  readonly noted: NotedChange
  readonly scope: string | null
  readonly options: ApplyOptions
}): Promise<ChangeRecord> {
  const { work, asked, request, tuned, planned, noted, scope, options } = about
  const names = noted.changes.map(({ name }) => name)
  const { settings } = await readSettings(tuned.session, names)
  const place = await readPlace(tuned.session)
  return {
    id: options.command,
    server: asked.server,
    state: 'applying',
    startedMs: work.clock.now(),
    finishedMs: null,
    message: 'the settings are being changed',
    noted,
    scope,
    settings: noted.changes.map(({ name, wrote }) => {
      const now = settings.get(name)
      return {
        name,
        unit: planned.request.known.get(name)?.unit ?? null,
        before: now?.value ?? null,
        after: wrote,
        source: now?.source ?? '',
        where: now?.where ?? null,
        needsRestart: now?.context === 'postmaster',
      }
    }),
    othersHash: await hashOfOthers(tuned.session, names),
    ...place,
    guard: { windowMs: request.guard.windowSeconds * 1000, bound: request.guard.bound },
    baseline: null,
    usual: {},
    untilMs: null,
    sinceSample: null,
    readings: [],
  }
}

/** Takes back what was begun, and says both. The deadline or cancel that may have ended it does not end this. */
async function failed(
  work: ChangeWork,
  asked: ChangeAsked,
  record: ChangeRecord,
  reason: unknown,
): Promise<never> {
  const why = messageOf(reason)
  const code = reason instanceof PgherdError ? reason.code : 'COMMAND_FAILED'
  const patient = { ...asked, signal: new AbortController().signal }
  const alone = { session: asked.session, keeper: undefined, clock: work.clock, signal: patient.signal }
  let said: string
  try {
    const over = await (record.scope === null
      ? takeChangeBack(work, alone, record, why)
      : asked.withKeeper(record.scope, (keeper) => takeChangeBack(work, { ...alone, keeper }, record, why)))
    said = over.message
  } catch (error) {
    said = `${why}; it could not be taken back yet, which is tried again: ${messageOf(error)}`
    await setState(work, record, { state: 'rolling-back', message: said })
  }
  throw new PgherdError(code, said, { cause: reason })
}

function nothingDone(
  { server }: ChangeAsked,
  { command }: ApplyOptions,
  { plan }: ChangePlan,
  nowMs: number,
): TuneChange {
  const waits = plan.settings.filter(({ state }) => state === 'staged').map(({ name }) => name)
  return {
    ...{
      id: command,
      server,
      state: 'kept',
      by: plan.by,
      startedMs: nowMs,
      untilMs: null,
      finishedMs: nowMs,
    },
    settings: [],
    readings: [],
    message: `The settings are as they are to be, and nothing was changed${waits.length === 0 ? '' : `; ${waits.join(' and ')} waits for a restart`}.`,
  }
}

function inPlan<T>(
  { clock }: ChangeWork,
  asked: ChangeAsked,
  { settings }: ChangeRequest,
  work: (tuned: TunedServer, scope: string | null) => Promise<T>,
): Promise<T> {
  return withTuned(asked, clock, [...settings.keys()], work)
}
